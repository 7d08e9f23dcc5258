import Domain
import Engine

/// What was kept and does not count now: each request is as if it had never been said.
extension Property {
    static let region = masked(
        "region",
        "In an excluded region no chat counts, neither where it was said nor where the user is now; "
            + "nothing comes back that was said there.", [(.user, 10)]
    ) { change, random in
        change.region = random.pick(["US", "CA", "KR", "DE", "GB", "unknown"])
    }

    static let notice = masked(
        "notice", "A chat counts only from the moment of the user's notice, to the millisecond.",
        [(.user, 6)]
    ) { change, random in
        change.notice = nil
        change.region = nil
        change.noticeNearAnchor(&random)
    }

    static let link = masked(
        "link",
        "A chat of one product counts on another's surface only while the accounts are linked.",
        [(.user, 8), (.surface, 2)]
    ) { change, random in
        change.links = random.pick([
            [], ["app", "lens"], ["web", "lens"], ["app", "web", "lens"],
        ])
    }

    static let time = masked(
        "time",
        "A chat of before the effective instant never counts, nor one later than the request's "
            + "clock; to the millisecond, and at absurd clocks.", [(.chat, 20)]
    ) { _, _ in }

    static let policy = masked(
        "policy",
        "A change of the policy takes effect on the next request, and taking it back gives the same "
            + "bytes as before.", [(.policy, 6)]
    ) { _, _ in }

    private static func masked(
        _ name: String, _ promise: String, _ parts: [(Mix.Kind, Int)],
        _ change: @escaping @Sendable (inout UserCommand, inout SeededRandom) -> Void
    ) -> Property {
        Property(
            name, promise,
            mix: {
                var mix = Mix(
                    parts: [(.chat, 16), (.act, 3), (.user, 2), (.retract, 1), (.suppress, 1)]
                        + parts)
                mix.repeatsEvents = false
                mix.settings = [.product("web"), .product("lens"), .product("app")]
                mix.lastRequests = 1
                mix.change = change
                return mix
            }, check: { masks($0, $1) })
    }

    /// The last request of the log, beside the same without the chats that the rule masks for it.
    private static func masks(_ log: Log, _ bench: Bench) -> Breach? {
        guard let last = log.steps.last, let request = last.command.request else { return nil }
        var oracle = bench.makeOracle()
        for (place, step) in log.steps.enumerated() { _ = oracle.take(step, place: place) }
        guard !oracle.hasWrapped else { return nil }
        let eligible = oracle.eligibleChats(for: request, at: last.at)
        let counted = Set(eligible.map(\.place))
        let masked = Set(oracle.chats.filter { $0.user == request.user }.map(\.place))
            .subtracting(counted)
        let breach = bench.compare(
            log, without: masked.contains, "a chat that must not count tells in a reply"
        ) { $0 == log.steps.count - 1 }
        return breach ?? named(eligible, oracle, last, bench)
    }

    /// Whether an explanation names the chats that count, those and no others.
    private static func named(
        _ eligible: [Oracle.Chat], _ oracle: Oracle, _ last: Step, _ bench: Bench
    ) -> Breach? {
        guard case .explain(let request, _) = last.command, eligible.count <= 32,
            let report = bench.left.take(last).report
        else { return nil }
        let hidden = World.isAds(request.surface) ? oracle.suppressed(by: request.user) : []
        let expected = eligible.flatMap { chat in
            chat.topics.filter { !hidden.contains(Int($0.topic.rawValue)) }.map {
                let name = bench.world.topics[Int($0.topic.rawValue)].name
                return "\(name), \((last.at - chat.at) / 1_000) s ago"
            }
        }.sorted()
        let found = report.terms.filter { $0.name == Term.chatText.rawValue }.flatMap(\.signals)
            .map { "\($0.about), \($0.ageSeconds ?? -1) s ago" }.sorted()
        bench.note(Array(found.joined(separator: "\n").utf8))
        guard found != expected else { return nil }
        return Breach(
            account: """
                the chats that count are not those that are named

                to          \(last.line(in: bench.world))
                it names    \(found.joined(separator: "; "))
                which count \(expected.joined(separator: "; "))
                """)
    }
}

extension UserCommand {
    fileprivate mutating func noticeNearAnchor(_ random: inout SeededRandom) {
        notice =
            Rule.effectiveInstant + Int64(random.below(4)) * 5 * Rule.day
            + Int64(random.below(3) - 1)
    }
}
