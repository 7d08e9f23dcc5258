import Domain

/// What users may ask for, exactly.
extension Property {
    static let retract = Property(
        "retract", "After RETRACT everything is, to the byte, as if the signal had never come.",
        mix: {
            var mix = Mix(parts: [
                (.chat, 10), (.comment, 2), (.act, 8), (.user, 2), (.item, 1), (.removeItem, 1),
                (.retract, 7), (.request, 2), (.suppress, 1),
            ])
            mix.repeatsEvents = false
            return mix.bursting(.retracted)
        }
    ) { log, bench in
        guard let undone = Undone(retractionsIn: log, bench.world) else { return nil }
        return bench.compare(
            log, without: undone.places.contains, "a signal that was retracted has left something",
            holdings: undone.outgrowsReserve ? .visible : .all
        ) { $0 > undone.last }
    }

    static let forget = Property(
        "forget", "After FORGET everything is, to the byte, as if the user had never come.",
        mix: {
            var mix = Mix.everything
            mix.parts += [(.forget, 4)]
            return mix
        }
    ) { log, bench in
        var places: Set<Int> = []
        var last = -1
        for (place, step) in log.steps.enumerated() {
            guard case .forget(let user) = step.command else { continue }
            places.formUnion((0...place).filter { log.steps[$0].command.user == user })
            last = place
        }
        guard last >= 0 else { return nil }
        return bench.compare(
            log, without: places.contains, "a user who was forgotten has left something",
            holdings: .all
        ) { $0 > last }
    }

    static let suppress = Property(
        "suppress",
        "A suppressed topic raises no ad, as if it had never been said; lifting it restores the very "
            + "same bytes; content stays as it is.",
        mix: {
            var mix = Mix(parts: [
                (.chat, 12), (.comment, 3), (.act, 3), (.suppress, 6), (.unsuppress, 3), (.user, 1),
            ])
            mix.repeatsEvents = false
            mix.isPlain = true
            mix.lastRequests = 1
            return mix
        }
    ) { log, bench in
        guard let last = log.steps.last, let request = last.command.request else { return nil }
        var log = log
        if case .whyNot(let request, let item) = last.command {
            // Which says what is suppressed.
            log.steps[log.steps.count - 1].command = .explain(request, item: item)
        }
        var oracle = bench.makeOracle()
        for (place, step) in log.steps.enumerated() { _ = oracle.take(step, place: place) }
        let suppressed = World.isAds(request.surface) ? oracle.suppressed(by: request.user) : []
        let isLeftOut = log.steps.map { step in
            switch step.command {
            case .suppress, .unsuppress: true
            case .say(let saying):
                saying.user == request.user
                    && oracle.topics(of: saying.about)
                        .contains { suppressed.contains(Int($0.topic.rawValue)) }
            default: false
            }
        }
        return bench.compare(
            log, without: { isLeftOut[$0] }, "a suppressed topic tells in a reply"
        ) { $0 == log.steps.count - 1 }
    }

    static let others = Property(
        "others", "What one user does changes nothing for another.", rarity: 2,
        mix: { Mix.everything }
    ) { log, bench in
        guard let user = log.steps.last?.command.user else { return nil }
        return bench.compare(
            log, without: { log.steps[$0].command.user.map { $0 != user } ?? false },
            "another user's doings tell in a reply"
        ) { log.steps[$0].command.user == user }
    }
}

/// The steps that a log's retractions undo, and these themselves.
private struct Undone {
    private(set) var places: Set<Int> = []
    private(set) var last = -1
    /// Whether more may have come than rings and their reserves hold. Then what lies in a reserve is
    /// not what would lie there, and what requests see is.
    private(set) var outgrowsReserve = false

    /// `nil` when there are none, or a counter of showings cannot tell what it is without.
    init?(retractionsIn log: Log, _ world: World) {
        var showings: [String: Int] = [:]
        var rings: [String: Int] = [:]
        for (place, step) in log.steps.enumerated() {
            switch step.command {
            case .act(let act) where act.type == .impression:
                showings["\(act.user) \(act.item)", default: 0] += 1
            case .act(let act):
                let isFlagged = World.flaggedItems.contains(act.item)
                count(act.user, act.type, isFlagged: isFlagged, nil, in: &rings)
            case .say(let saying):
                var isFlagged = false
                if case .item(let id) = saying.about { isFlagged = World.flaggedItems.contains(id) }
                count(saying.user, saying.type, isFlagged: isFlagged, saying.product, in: &rings)
            case .retract(let user, let event):
                let undone = (0..<place).filter {
                    log.steps[$0].command.isEvent(event, of: user)
                }
                places.formUnion(undone)
                places.insert(place)
                last = place
            default: break
            }
        }
        guard last >= 0, showings.values.allSatisfy({ $0 <= Limits.showingsKeptMax }) else {
            return nil
        }
    }

    private mutating func count(
        _ user: String, _ type: SignalType, isFlagged: Bool, _ product: String?,
        in rings: inout [String: Int]
    ) {
        let (name, heldMax) =
            switch (type.signalClass, isFlagged) {
            case (.behaviour?, false):
                ("likes", Limits.behaviourRingMax + Limits.behaviourReserveMax)
            case (.views?, false): ("views", Limits.viewRingMax + Limits.viewReserveMax)
            case (.negative?, false):
                ("hides", Limits.negativeRingMax + Limits.negativeReserveMax)
            case (.chat?, _):
                ("chats \(product ?? "")", Limits.chatRingMax + Limits.chatReserveMax)
            case (.behaviour?, true):
                ("flagged likes", Limits.flaggedBehaviourRingMax + Limits.flaggedReserveMax)
            case (.views?, true):
                ("flagged views", Limits.flaggedViewRingMax + Limits.flaggedReserveMax)
            default: ("flagged hides", Limits.flaggedNegativeRingMax + Limits.flaggedReserveMax)
            }
        rings["\(user) \(name)", default: 0] += 1
        if rings["\(user) \(name)", default: 0] > heldMax { outgrowsReserve = true }
    }
}

extension Command {
    fileprivate func isEvent(_ name: String, of user: String) -> Bool {
        switch self {
        case .act(let act): act.event == name && act.user == user
        case .say(let saying): saying.event == name && saying.user == user
        default: false
        }
    }
}
