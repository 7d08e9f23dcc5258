import Domain
import Policy

/// Which of a user's signals a request weighs, and how much: the newest of each class, past the
/// policy's mask.
struct SignalSelection {
    let surface: ResolvedSurface
    let clock: Timestamp
    let chatUse: ChatUse

    /// Hands the eligible signals of the ranker's profile to the ranker.
    func apply(to ranker: Ranker) {
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
        addChats(to: ranker)
        if surface.surface.weights[.fatigue] != 0 { ranker.addImpressions() }
    }

    private func addNewest(_ signals: Range<Int>, of class: SignalClass, to ranker: Ranker) {
        var room = surface.surface.signalCounts[`class`]
        var end = signals.upperBound
        while room > 0, end > signals.lowerBound {
            end -= 1
            guard ranker.milliseconds(ofSignal: end) <= now else { continue }
            add(end, of: `class`, to: ranker)
            room -= 1
        }
    }

    private func addFollows(_ signals: Range<Int>, to ranker: Ranker) {
        guard surface.surface.weights[.follow] != 0 else { return }
        for index in signals where ranker.milliseconds(ofSignal: index) <= now {
            if ranker.type(ofSignal: index) == .follow { ranker.addFollow(signal: index) }
        }
    }

    /// The newest chats of all admitted products together; equal times in the order of products.
    private func addChats(to ranker: Ranker) {
        guard surface.affinity(of: .chat, in: .text) != nil else { return }
        var ends = InlineArray<35, Int>(repeating: 0)
        for index in 0..<ranker.ringsCount {
            ends[index] = ranker.ring(at: index).signals.upperBound
        }
        var room = surface.surface.signalCounts[.chat]
        while room > 0, let ring = newestChatRing(ends: &ends, of: ranker) {
            ends[ring] -= 1
            add(ends[ring], of: .chat, to: ranker)
            room -= 1
        }
    }

    /// The ring whose last unread eligible chat is the newest; `nil` when none is left.
    private func newestChatRing(ends: inout InlineArray<35, Int>, of ranker: Ranker) -> Int? {
        var newest: (ring: Int, time: Int64)?
        for index in 0..<ranker.ringsCount {
            let (ring, signals) = ranker.ring(at: index)
            guard case .chat(let product) = ring, chatUse.admits(product) else { continue }
            while ends[index] > signals.lowerBound,
                ranker.milliseconds(ofSignal: ends[index] - 1) > now
            {
                ends[index] -= 1
            }
            guard ends[index] > signals.lowerBound else { continue }
            let time = ranker.milliseconds(ofSignal: ends[index] - 1)
            guard chatUse.admits(at: Timestamp(stored: time)) else { continue }
            if newest.map({ time > $0.time }) ?? true { newest = (index, time) }
        }
        return newest?.ring
    }

    private func add(_ index: Int, of class: SignalClass, to ranker: Ranker) {
        let age = now - ranker.milliseconds(ofSignal: index)
        let halfLife = surface.surface.halfLives[`class`]
        let unitWeight = surface.unitWeight(of: ranker.type(ofSignal: index))
        if let affinity = surface.affinity(of: `class`, in: .text) {
            ranker.add(
                signal: index, to: affinity, in: .text, unitWeight: unitWeight, age: age,
                halfLife: halfLife)
        }
        if let affinity = surface.affinity(of: `class`, in: .taste) {
            ranker.add(
                signal: index, to: affinity, in: .taste, unitWeight: unitWeight, age: age,
                halfLife: halfLife)
        }
    }

    private var now: Int64 { clock.milliseconds }
}
