import Domain
import Server
import Testing

/// A clock that jumps: no order hangs on it, and what was acknowledged stays as it was.
@Suite(.serialized) struct ClockTests {
    private static let noon: Int64 = 1_790_000_000_000
    private static let day: Int64 = 86_400_000

    private static func kept(
        _ data: DataFolder, _ mode: String
    ) -> @Sendable (inout ServerConfiguration) -> Void {
        { configuration in
            configuration.dataPath = data.path
            try? configuration.use(durability: mode, of: "test")
        }
    }

    @Test(arguments: ["always", "everysec"])
    func `a clock that jumps back a day loses nothing, and a restart finds the same`(
        _ mode: String
    ) async throws {
        let data = try DataFolder()
        let clock = Captured(Self.noon)
        let read: @Sendable () -> Timestamp = {
            (try? Timestamp(milliseconds: clock.value)) ?? .zero
        }
        let before = Captured<[String]>([])
        let questions = [
            "EXPORT u", "INFO state", "RANK u SURFACE feed", "EXPLAIN u b SURFACE feed FORMAT JSON",
        ]
        try await TestServer.with(Self.kept(data, mode), clock: read) { server in
            let client = try await server.connect()
            for line in [
                "ITEM.ADD a KIND post TEXT \"A cello concert\"",
                "ITEM.ADD b KIND post TEXT \"New strings for a cello\"",
                "USER.SET u REGION US NOTICE 2025-10-07T00:00:00Z", "SIGNAL u LIKE ITEM a ID e1",
            ] { #expect(try await !client.ask(line).hasPrefix("-"), "\(line)") }
            let liked = try await client.ask("RANK u SURFACE feed ITEMS b")
            clock.set(Self.noon - Self.day)
            // What was said "later" than now counts when the clock is there again ...
            #expect(try await client.ask("RANK u SURFACE feed ITEMS b") != liked)
            // ... new changes are taken, their events are known, and the order is the journal's.
            #expect(try await client.ask("SIGNAL u LIKE ITEM a ID e1") == "+IGNORED duplicate")
            #expect(try await client.ask("SIGNAL u VIEW ITEM b ID e2") == "+USED")
            #expect(try await client.ask("USER.SET u REGION GB") == "+OK")
            #expect(try await client.ask("SNAPSHOT") == "+STARTED")
            try await server.expectInfo("snapshot_in_progress", is: "0", through: client)
            #expect(try await client.ask("RETRACT u e1") == ":1")
            #expect(try await client.ask("SIGNAL u LIKE ITEM b ID e3") == "+USED")
            clock.set(Self.noon)
            var answers: [String] = []
            for question in questions { answers.append(try await client.ask(question)) }
            before.set(answers)
        }
        for jump in [0, -Self.day, 365 * Self.day] {
            clock.set(Self.noon + jump)
            try await TestServer.with(Self.kept(data, mode), clock: read) { server in
                clock.set(Self.noon)
                let client = try await server.connect()
                for (question, answer) in zip(questions, before.value) {
                    #expect(try await client.ask(question) == answer, "\(question)")
                }
            }
        }
    }
}
