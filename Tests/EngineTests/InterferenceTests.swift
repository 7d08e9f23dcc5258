import Domain
import Policy
import Testing

@testable import Engine

/// Properties of every history of signals. A log that breaks one is shrunk before it is shown.
@Suite("What must not reach a ranking does not")
struct InterferenceTests {
    static let seeds: [UInt64] = Array(1...24)

    /// Surfaces of product `a`, so that links matter.
    private func world(shards: Int = 4) throws -> TestEngine {
        try TestEngine(shards: shards) { surfaces in
            for index in surfaces.indices {
                surfaces[index].product = try Product("a")
                surfaces[index].kinds = [try Kind("ad"), try Kind("post")]
            }
        }
    }

    private func everything(after log: SignalLog, on surface: String) throws -> String {
        let world = try world()
        log.play(in: world)
        return try world.everything(on: surface)
    }

    /// Checks a property of random logs; `breaks` may throw only by a mistake of the test.
    private func check(seed: UInt64, _ breaks: (SignalLog) throws -> Bool) throws {
        var random = SeededRandom(seed: seed)
        let log = SignalLog.random(entries: 60, using: &random)
        guard try breaks(log) else { return }
        let shrunk = log.shrunk { (try? breaks($0)) ?? false }
        Issue.record("broken by the log of \(shrunk.entries.count) entries:\n\(shrunk)")
    }

    /// Whether a log and the same one without what the gates kept out can be told apart.
    private func tellsApart(_ log: SignalLog, on surface: String) throws -> Bool {
        let world = try world()
        let outcomes = log.play(in: world)
        let kept = log.without { outcomes[$0] != .used }
        return try world.everything(on: surface) != everything(after: kept, on: surface)
    }

    @Test("blocked signals leave rankings and explanations as if never sent", arguments: seeds)
    func blockedSignals(seed: UInt64) throws {
        for surface in ["ads", "feed"] {
            try check(seed: seed) { try tellsApart($0, on: surface) }
        }
    }

    @Test("and so they do when users retract, forget and suppress meanwhile", arguments: seeds)
    func blockedSignalsAmongControls(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let log = SignalLog.random(entries: 60, using: &random)
            .withControls(oneIn: 5, using: &random)
        #expect(try !tellsApart(log, on: "ads"), "\(log)")
    }

    @Test("a sensitive chat is never used, and one without it ranks the same", arguments: seeds)
    func sensitiveChats(seed: UInt64) throws {
        try check(seed: seed) { log in
            let world = try world()
            let outcomes = log.play(in: world)
            let isUsed = zip(log.entries, outcomes).contains {
                $0.isSensitiveChat && $1 == .used
            }
            let clean = log.without { log.entries[$0].isSensitiveChat }
            return try isUsed
                || world.everything(on: "ads") != everything(after: clean, on: "ads")
        }
    }

    @Test("whoever moves to an excluded region has never chatted", arguments: seeds)
    func excludedRegion(seed: UInt64) throws {
        try check(seed: seed) { log in
            let away = SignalLog.users.map { user in
                SignalLog.Entry(
                    at: SignalLog.span,
                    step: .set(user: user, region: "KR", notice: nil, links: nil))
            }
            func ranking(of log: SignalLog) throws -> [[Ranked]] {
                let world = try world()
                SignalLog(entries: log.entries + away).play(in: world)
                return try SignalLog.users.map { try world.rank($0, at: SignalLog.span) }
            }
            // A used chat takes its event's name, which a later signal may repeat.
            let silent = log.without {
                if case .chat(_, _, _, _, nil) = log.entries[$0].step { true } else { false }
            }
            return try ranking(of: log) != ranking(of: silent)
        }
    }

    @Test("what is about a flagged item takes no other's place among the newest on ads")
    func flaggedTakesNoPlace() throws {
        func ranking(likesFlagged: Bool) throws -> [Ranked] {
            let world = try TestEngine { $0[0].signalCounts[.behaviour] = 1 }
            try world.add("boots", about: "hiking")
            try world.add("clinic", about: "hiking", sensitive: .health)
            try world.signal("u", .like, "boots", at: 1)
            if likesFlagged { try world.signal("u", .like, "clinic", at: 2) }
            return try world.rank("u", at: 3)
        }
        #expect(try ranking(likesFlagged: true) == ranking(likesFlagged: false))
    }

    @Test("the same log gives the same bytes, whatever the number of shards", arguments: seeds)
    func determinism(seed: UInt64) throws {
        try check(seed: seed) { log in
            let left = try world(shards: 1)
            let right = try world(shards: 16)
            let outcomes = log.play(in: left)
            guard outcomes == log.play(in: right) else { return true }
            let (a, b) = (left.engine.state, right.engine.state)
            guard a.sequence == b.sequence, a.items == b.items, a.slots == b.slots,
                a.rows == b.rows, a.users == b.users, a.signalsUsed == b.signalsUsed
            else { return true }
            return try left.everything(on: "ads") != right.everything(on: "ads")
        }
    }

    @Test("the property sees a used chat that goes missing: it is not blind")
    func planted() throws {
        var caught = 0
        for seed in Self.seeds {
            var random = SeededRandom(seed: seed)
            let log = SignalLog.random(entries: 60, using: &random)
            let outcomes = log.play(in: try world())
            guard
                let place = log.entries.indices.last(where: {
                    log.entries[$0].isChat && outcomes[$0] == .used
                })
            else { continue }
            let leaky = log.without { $0 == place }
            caught +=
                try everything(after: log, on: "ads") != everything(after: leaky, on: "ads")
                ? 1 : 0
        }
        #expect(caught > Self.seeds.count / 2)
    }

    @Test("shrinking finds the entry that matters")
    func shrinking() throws {
        var random = SeededRandom(seed: 7)
        let log = SignalLog.random(entries: 60, using: &random)
        let shrunk = log.shrunk { $0.entries.contains(where: \.isSensitiveChat) }
        #expect(shrunk.entries.count == 1 && shrunk.entries[0].isSensitiveChat)
    }
}
