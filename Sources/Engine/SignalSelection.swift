import Domain
import Policy

/// Which of a user's signals a request weighs, and how much: the newest of each class, past the
/// policy's mask.
struct SignalSelection {
    let surface: ResolvedSurface
    let clock: Timestamp
    let chatUse: ChatUse
    let setup: Setup

    /// Hands the eligible signals of the ranker's profile to the ranker. Returns the gates that kept
    /// chats out which the request would otherwise have looked at.
    func apply(to ranker: Ranker) -> GateSet {
        for index in 0..<ranker.ringsCount {
            let (ring, signals) = ranker.ring(at: index)
            switch ring {
            case .behaviour:
                addNewest(signals, of: .behaviour, to: ranker)
                addFollows(signals, to: ranker)
            case .views: addNewest(signals, of: .views, to: ranker)
            case .negative: addNewest(signals, of: .negative, to: ranker)
            case .chat: break
            }
        }
        let masked = addChats(to: ranker)
        if surface.weighsFatigue { ranker.addImpressions() }
        return masked
    }

    private func addNewest(_ signals: Range<Int>, of class: SignalClass, to ranker: Ranker) {
        let rule = surface.rule(of: `class`)
        let lane = surface.surface.lane
        let passesOver = lane.passesOverSuppressedTopics(of: `class`)
        var room = rule.count
        // On ads what is about a flagged item weighs nothing, so it takes no other's place either.
        let skipsFlagged = lane == .ads && signals.count > room
        var index = signals.upperBound
        while room > 0, index > signals.lowerBound {
            index -= 1
            if ranker.milliseconds(ofSignal: index) > now { continue }
            if skipsFlagged && ranker.isAboutFlaggedItem(signal: index) { continue }
            add(index, by: rule, passesOver: passesOver, to: ranker)
            room -= 1
        }
    }

    private func addFollows(_ signals: Range<Int>, to ranker: Ranker) {
        guard surface.weighsFollows else { return }
        for index in signals where ranker.milliseconds(ofSignal: index) <= now {
            if ranker.type(ofSignal: index) == .follow { ranker.addFollow(signal: index) }
        }
    }

    /// The newest chats of all admitted products together; equal times in the order of the products'
    /// names, for their numbers tell what other users said first.
    private func addChats(to ranker: Ranker) -> GateSet {
        let rule = surface.rule(of: .chat)
        var masked = GateSet()
        guard rule.textAffinity != nil else { return masked }
        if let gate = chatUse.closingGate {
            if holdsChat(ranker) { masked.insert(gate) }
            return masked
        }
        let passesOver = surface.surface.lane.passesOverSuppressedTopics(of: .chat)
        var ends = InlineArray<35, Int>(repeating: 0)
        for index in 0..<ranker.ringsCount {
            ends[index] = ranker.ring(at: index).signals.upperBound
        }
        var room = rule.count
        while room > 0, let ring = newestChatRing(ends: &ends, masked: &masked, of: ranker) {
            ends[ring] -= 1
            add(ends[ring], by: rule, passesOver: passesOver, to: ranker)
            room -= 1
        }
        return masked
    }

    /// Whether the profile has a chat that is not later than the request's clock.
    private func holdsChat(_ ranker: Ranker) -> Bool {
        for index in 0..<ranker.ringsCount {
            let (ring, signals) = ranker.ring(at: index)
            guard case .chat = ring, !signals.isEmpty else { continue }
            if ranker.milliseconds(ofSignal: signals.lowerBound) <= now { return true }
        }
        return false
    }

    /// The ring whose last unread eligible chat is the newest; `nil` when none is left.
    private func newestChatRing(
        ends: inout InlineArray<35, Int>, masked: inout GateSet, of ranker: Ranker
    ) -> Int? {
        var newest: (ring: Int, time: Int64, place: UInt8)?
        for index in 0..<ranker.ringsCount {
            let (ring, signals) = ranker.ring(at: index)
            guard case .chat(let product) = ring else { continue }
            passOver(
                product, end: &ends[index], start: signals.lowerBound, masked: &masked, of: ranker)
            guard ends[index] > signals.lowerBound else { continue }
            let time = ranker.milliseconds(ofSignal: ends[index] - 1)
            let place = setup.place(of: product)
            if let known = newest, (time, known.place) <= (known.time, place) { continue }
            newest = (index, time, place)
        }
        return newest?.ring
    }

    /// Moves the end of a ring before what is later than the clock or kept out by a gate.
    private func passOver(
        _ product: ProductNumber, end: inout Int, start: Int, masked: inout GateSet,
        of ranker: Ranker
    ) {
        while end > start {
            let time = ranker.milliseconds(ofSignal: end - 1)
            if time <= now {
                guard let gate = chatUse.gate(of: product, at: Timestamp(stored: time)) else {
                    return
                }
                masked.insert(gate)
                leakScale(ofMasked: end - 1, to: ranker)
            }
            end -= 1
        }
    }

    private func add(
        _ index: Int, by rule: ResolvedSurface.Rule, passesOver: Bool, to ranker: Ranker
    ) {
        let age = now - ranker.milliseconds(ofSignal: index)
        let unitWeight = surface.unitWeight(of: ranker.type(ofSignal: index))
        if let affinity = rule.textAffinity {
            ranker.add(
                signal: index, to: affinity, in: .text, unitWeight: unitWeight, age: age,
                halfLife: rule.halfLife, passesOver: passesOver)
        }
        if let affinity = rule.tasteAffinity {
            ranker.add(
                signal: index, to: affinity, in: .taste, unitWeight: unitWeight, age: age,
                halfLife: rule.halfLife, passesOver: passesOver)
        }
    }

    private func leakScale(ofMasked index: Int, to ranker: Ranker) {
        let rule = surface.rule(of: .chat)
        guard Leak.sharedScale.isPlanted, let affinity = rule.textAffinity else { return }
        ranker.addNothing(
            weighing: surface.unitWeight(of: .chat), to: affinity, source: index,
            age: now - ranker.milliseconds(ofSignal: index), halfLife: rule.halfLife)
    }

    private var now: Int64 { clock.milliseconds }
}
