import Server
import Testing

/// Changes that one connection sends without waiting share their syncs under `always`; nobody can tell
/// but by the time it takes.
@Suite(.serialized) struct PipelinedChangesTests {
    /// A server that keeps what it is told in the folder, under `always`.
    private static func always(_ data: DataFolder) -> @Sendable (inout ServerConfiguration) -> Void
    {
        { configuration in
            configuration.dataPath = data.path
            try? configuration.use(durability: "always", of: "test")
        }
    }

    /// Commands of which many depend on others: few users and items, and what changes nothing.
    private static func command(_ random: inout SeededRandom) -> String {
        let user = "u\(Int.random(in: 0..<6, using: &random))"
        let item = "i\(Int.random(in: 0..<5, using: &random))"
        let number = Int.random(in: 0..<40, using: &random)
        let commands = [
            "ITEM.ADD \(item) KIND post BID \(number)", "ITEM.ADD \(item) KIND post REGIONS US",
            "ITEM.DEL \(item) i9", "ITEM.GET \(item)",
            "SIGNAL \(user) LIKE ITEM \(item) ID e\(number) AT \(1_000 + number)",
            "SIGNAL \(user) VIEW ITEM \(item) AT \(1_000 + number)",
            "SIGNAL \(user) CHAT TOPIC hiking ID e\(number) AT 2026-02-01T00:00:00Z PRODUCT p\(number % 9)",
            "SIGNAL \(user) HIDE TEXT \"a song for cello\" ID t\(number) AT 900",
            "SIGNAL \(user) LIKE ITEM i0 ID e1 AT 99999999999999",
            "USER.SET \(user) REGION US NOTICE 2025-10-07T00:00:00Z LINKS a,b AT 1000",
            "USER.GET \(user)", "RETRACT \(user) e\(number)", "FORGET \(user)",
            "SUPPRESS \(user) TOPIC cooking", "UNSUPPRESS \(user) TOPIC cooking",
            "SUPPRESS \(user) TOPIC nonsense", "SIGNAL \(user)", "NO.SUCH COMMAND", "PING",
            "EXPORT \(user)", "RANK \(user) SURFACE feed ITEMS i0 i1 i2 AT 2026-03-01T00:00:00Z",
            "CATALOGUE.BEGIN", "CATALOGUE.COMMIT", "SURFACE.SET feed BIAS \(number)",
        ]
        return commands[Int.random(in: 0..<commands.count, using: &random)]
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `replies are those of commands that wait for each other`(_ seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        // Mostly changes, so that many are under way at once.
        let commands = (0..<400).map { _ in Self.command(&random) }
        let expected = Captured<[String]>([])
        let state = Captured("")
        try await TestServer.with { server in
            let client = try await server.connect()
            var replies: [String] = []
            for command in commands { replies.append(try await client.ask(command)) }
            expected.set(replies)
            state.set(try await client.ask("INFO state"))
        }
        let data = try DataFolder()
        try await TestServer.with(Self.always(data)) { server in
            let client = try await server.connect()
            try await client.send(commands.flatMap { encoded($0) })
            for (command, reply) in zip(commands, expected.value) {
                #expect(try await client.reply() == reply, "\(command)")
            }
            #expect(try await client.ask("INFO state") == state.value)
        }
        try await TestServer.with(Self.always(data)) { server in
            let client = try await server.connect()
            #expect(try await client.ask("INFO state") == state.value)
        }
    }

    @Test func `all replies come before the end of a client that sends no more`() async throws {
        let data = try DataFolder()
        try await TestServer.with(Self.always(data)) { server in
            let client = try await server.connect()
            try await client.send((0..<3_000).flatMap { encoded("ITEM.ADD i\($0) KIND post") })
            client.finishSending()
            let text = try await client.readToEnd()
            #expect(text == String(repeating: "+OK\r\n", count: 3_000))
            #expect(try await server.info("items") == "3000")
        }
    }

    @Test func `what is no RESP ends the connection after the replies before it`() async throws {
        let data = try DataFolder()
        try await TestServer.with(Self.always(data)) { server in
            let client = try await server.connect()
            try await client.send(
                (0..<50).flatMap { encoded("ITEM.ADD i\($0) KIND post") } + Array("*1\r\nX".utf8))
            let text = try await client.readToEnd()
            #expect(text.hasPrefix(String(repeating: "+OK\r\n", count: 50) + "-ERR Protocol error"))
            #expect(text.split(separator: "\r\n").count == 51)
        }
    }

    @Test func `a client that is gone has what it sent, and harms nobody`() async throws {
        let data = try DataFolder()
        try await TestServer.with(Self.always(data)) { server in
            for number in 0..<20 {
                let client = try await server.connect()
                try await client.send(
                    (0..<100).flatMap { encoded("ITEM.ADD i\(number)-\($0) KIND post") })
                client.disconnect()
            }
            let client = try await server.connect()
            #expect(try await client.ask("CATALOGUE.BEGIN") == "+OK")
            #expect(try await client.ask("CATALOGUE.ABORT") == "+OK")
            try await server.expectInfo("connected_clients", is: "1", through: client)
            try await server.expectInfo("lag_records", is: "0", through: client)
        }
    }
}
