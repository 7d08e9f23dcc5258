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
        let rings = Rings(of: ranker, lane: surface.surface.lane)
        addNewest(rings.behaviour, of: .behaviour, to: ranker)
        addFollows(rings.behaviour, to: ranker)
        addNewest(rings.views, of: .views, to: ranker)
        addNewest(rings.negative, of: .negative, to: ranker)
        let masked = addChats(to: ranker)
        if surface.weighsFatigue { ranker.addImpressions() }
        return masked
    }

    /// Where the profile's signals lie that are no chats: of each class those about flagged items
    /// apart, which ads do not look at.
    private struct Rings {
        typealias Pair = (plain: Range<Int>, flagged: Range<Int>)
        private(set) var behaviour: Pair = (0..<0, 0..<0)
        private(set) var views: Pair = (0..<0, 0..<0)
        private(set) var negative: Pair = (0..<0, 0..<0)

        init(of ranker: Ranker, lane: Lane) {
            for index in 0..<ranker.ringsCount {
                let (ring, signals) = ranker.ring(at: index)
                if ring.isFlagged && lane == .ads { continue }
                switch ring {
                case .behaviour: behaviour.plain = signals
                case .flaggedBehaviour: behaviour.flagged = signals
                case .views: views.plain = signals
                case .flaggedViews: views.flagged = signals
                case .negative: negative.plain = signals
                case .flaggedNegative: negative.flagged = signals
                case .chat: break
                }
            }
        }
    }

    private func addNewest(_ pair: Rings.Pair, of class: SignalClass, to ranker: Ranker) {
        let rule = surface.rule(of: `class`)
        let lane = surface.surface.lane
        let passesOver = lane.passesOverSuppressedTopics(of: `class`)
        var room = rule.count
        // An item may have been flagged since. On ads what is about it weighs nothing, so it takes
        // no other's place either.
        let skipsFlagged = lane == .ads && pair.plain.count > room
        var (plain, flagged) = pair
        while room > 0, let index = takeNewest(&plain, &flagged, of: ranker) {
            if ranker.milliseconds(ofSignal: index) > now { continue }
            if skipsFlagged && ranker.isAboutFlaggedItem(signal: index) { continue }
            add(index, by: rule, passesOver: passesOver, to: ranker)
            room -= 1
        }
    }

    /// The newer of the last of two rings, which is taken off it; of one time, the plain one's.
    private func takeNewest(
        _ plain: inout Range<Int>, _ flagged: inout Range<Int>, of ranker: Ranker
    ) -> Int? {
        let takesFlagged =
            !flagged.isEmpty
            && (plain.isEmpty
                || ranker.milliseconds(ofSignal: flagged.upperBound - 1)
                    > ranker.milliseconds(ofSignal: plain.upperBound - 1))
        if takesFlagged {
            flagged = flagged.dropLast()
            return flagged.upperBound
        }
        guard !plain.isEmpty else { return nil }
        plain = plain.dropLast()
        return plain.upperBound
    }

    private func addFollows(_ pair: Rings.Pair, to ranker: Ranker) {
        guard surface.weighsFollows else { return }
        addFollows(pair.plain, to: ranker)
        addFollows(pair.flagged, to: ranker)
    }

    private func addFollows(_ signals: Range<Int>, to ranker: Ranker) {
        for index in signals where ranker.milliseconds(ofSignal: index) <= now {
            if ranker.type(ofSignal: index) == .follow { ranker.addFollow(signal: index) }
        }
    }

    /// One for each ring that there may be.
    private typealias Ends = InlineArray<38, Int>

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
        var ends = Ends(repeating: 0)
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
        ends: inout Ends, masked: inout GateSet, of ranker: Ranker
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
