import Domain
import Policy
import Testing

@testable import Engine

/// Properties of every history in which users take things back.
@Suite("What is taken back has never been")
struct RetractionTests {
    static let seeds: [UInt64] = Array(1...32)

    /// Surfaces of product `a`, so that links matter.
    private func world() throws -> TestEngine {
        try TestEngine { surfaces in
            for index in surfaces.indices {
                surfaces[index].product = try Product("a")
                surfaces[index].kinds = [try Kind("ad"), try Kind("post")]
            }
        }
    }

    /// Rankings, explanations and exports, and what the users cost.
    private func everything(after log: SignalLog) throws -> String {
        let world = try world()
        log.play(in: world)
        let exports = try SignalLog.users.map { try world.export($0) }
        let state = world.engine.state
        return try """
        \(world.everything(on: "ads"))
        \(world.everything(on: "feed"))
        \(exports)
        users \(state.users), \(state.usersMemory.allocated) bytes; items \(state.items), \
        slots \(state.slots), rows \(state.rows)
        """
    }

    private func log(seed: UInt64) -> SignalLog {
        var random = SeededRandom(seed: seed)
        return SignalLog.random(entries: 80, using: &random)
            .withoutWraps()
            .withControls(oneIn: 4, using: &random)
    }

    @Test(
        "a log with retractions and one without what they took give the same bytes",
        arguments: seeds)
    func takenBack(seed: UInt64) throws {
        func tellsApart(_ log: SignalLog) throws -> Bool {
            try everything(after: log) != everything(after: log.withoutWhatIsTakenBack())
        }
        let log = log(seed: seed)
        guard try tellsApart(log) else { return }
        let shrunk = log.shrunk { (try? tellsApart($0)) ?? false }
        Issue.record("broken by the log of \(shrunk.entries.count) entries:\n\(shrunk)")
    }

    @Test("the property sees a retraction that does nothing: it is not blind")
    func planted() throws {
        var caught = 0
        for seed in Self.seeds {
            let log = log(seed: seed)
            let deaf = log.without {
                switch log.entries[$0].step {
                case .retract, .forget: true
                default: false
                }
            }
            let same =
                try everything(after: deaf) == everything(after: log.withoutWhatIsTakenBack())
            caught += same ? 0 : 1
        }
        #expect(caught > Self.seeds.count * 3 / 4)
    }

    @Test("suppressions that are lifted have never been", arguments: seeds)
    func lifted(seed: UInt64) throws {
        let log = log(seed: seed)
        let plain = log.without {
            switch log.entries[$0].step {
            case .suppress, .unsuppress: true
            default: false
            }
        }
        let lifts = SignalLog.users.flatMap { user in
            TestEngine.topics.map {
                SignalLog.Entry(
                    at: SignalLog.span, step: .unsuppress(user: user, topic: $0))
            }
        }
        let ended = SignalLog(entries: log.entries + lifts)
        #expect(try everything(after: ended) == everything(after: plain), "\(log)")
    }

    @Test("a suppressed topic raises no ad, and to ads it was never talked about", arguments: seeds)
    func suppressed(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let log = SignalLog.random(entries: 60, using: &random).anonymous()
        let topic = try #require(TestEngine.topics.randomElement(using: &random))
        let silent = log.without {
            if case .chat(_, topic, _, _, _) = log.entries[$0].step { true } else { false }
        }
        let (before, after, never) = (try world(), try world(), try world())
        log.play(in: before)
        log.play(in: after)
        silent.play(in: never)
        for user in SignalLog.users { try after.suppress(user, topic) }
        #expect(try after.everything(on: "feed") == before.everything(on: "feed"))
        #expect(try after.everything(on: "ads") == never.everything(on: "ads"), "\(log)")
        for user in SignalLog.users {
            for ranked in try before.rank(user, at: SignalLog.span) {
                // Others are the same but for the last of 15 bits, which are counted anew.
                let report = try before.explain(ranked.id, for: user, at: SignalLog.span)
                let isRaised = report.terms.flatMap(\.signals).contains {
                    $0.type == "CHAT" && $0.about == topic && $0.share > 0
                }
                let now = try after.explain(ranked.id, for: user, at: SignalLog.span)
                #expect(!isRaised || now.score < ranked.score, "\(ranked.id): \(log)")
            }
        }
    }
}

extension SignalLog {
    /// The log without what its users take back, and without the taking back.
    func withoutWhatIsTakenBack() -> SignalLog {
        var gone: Set<Int> = []
        for (index, entry) in entries.enumerated() {
            switch entry.step {
            case .retract(let user, let event):
                gone.insert(index)
                for earlier in 0..<index where entries[earlier].step.isEvent(event, of: user) {
                    gone.insert(earlier)
                }
            case .forget(let user):
                gone.insert(index)
                for earlier in 0..<index where entries[earlier].step.user == user {
                    gone.insert(earlier)
                }
            default: break
            }
        }
        return without(gone.contains)
    }

    /// The log with at most so many impressions of one item as its counter keeps one by one.
    func withoutWraps() -> SignalLog {
        var counts: [String: Int] = [:]
        return without { index in
            guard case .signal(let user, .impression, let item, _) = entries[index].step else {
                return false
            }
            counts["\(user) \(item)", default: 0] += 1
            return counts["\(user) \(item)", default: 0] > Limits.showingsKeptMax
        }
    }

    /// The log without the names of its events, so that no signal depends on another.
    func anonymous() -> SignalLog {
        SignalLog(
            entries: entries.map { entry in
                switch entry.step {
                case .signal(let user, let type, let item, _):
                    Entry(at: entry.at, step: .signal(user: user, type, item: item, event: nil))
                case .chat(let user, let topic, let isSensitive, let product, _):
                    Entry(
                        at: entry.at,
                        step: .chat(
                            user: user, topic: topic, isSensitive: isSensitive, product: product,
                            event: nil))
                default: entry
                }
            })
    }
}

extension SignalLog.Entry.Step {
    fileprivate var user: String? {
        switch self {
        case .add, .remove, .replace: nil
        case .set(let user, _, _, _), .signal(let user, _, _, _), .chat(let user, _, _, _, _),
            .suppress(let user, _), .unsuppress(let user, _), .retract(let user, _),
            .forget(let user):
            user
        }
    }

    fileprivate func isEvent(_ event: String, of user: String) -> Bool {
        switch self {
        case .signal(user, _, _, event), .chat(user, _, _, _, event): true
        default: false
        }
    }
}
