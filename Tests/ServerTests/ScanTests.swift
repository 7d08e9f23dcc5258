import Domain
import Testing

/// Catalogues that are too large for an event loop: workers scan them.
@Suite struct ScanTests {
    private static let at = "AT 2026-01-01T00:00:00Z"

    /// Loads more posts than an event loop scans itself, some with vectors, in one step.
    private static func load(_ server: TestServer) async throws -> TestClient {
        let client = try await server.connect()
        let count = Limits.inlineScanRowsMax + 100
        var bytes = encoded("CATALOGUE.BEGIN")
        for index in 0..<count {
            let item = "ITEM.ADD post:\(index) KIND post PRIOR 0.\(1_000 + index * 7_919 % 8_000)"
            bytes += encoded(
                index % 50 == 0
                    ? words(of: "\(item) VECTOR text", Blob.axis(index / 50 % 128))
                    : words(of: item))
        }
        bytes += encoded("CATALOGUE.COMMIT") + encoded("SIGNAL u LIKE ITEM post:50 AT 0")
        try await client.send(bytes)
        for _ in 0..<count + 2 { #expect(try await client.reply() == "+OK") }
        #expect(try await client.reply() == "+USED")
        return client
    }

    @Test func `a scan keeps its place among the replies, and equals RANK over all`() async throws {
        try await TestServer.with { server in
            let client = try await Self.load(server)
            try await client.send(
                encoded("PING before") + encoded("RECOMMEND u SURFACE feed TOP 500 \(Self.at)")
                    + encoded("PING between")
                    + encoded("RANK u SURFACE feed TOP 500 \(Self.at) ALL")
                    + encoded("ITEM.ADD top KIND post PRIOR 0.9999")
                    + encoded("RANK u SURFACE feed TOP 1 \(Self.at)")
                    + encoded("WHYNOT u nosuch SURFACE feed \(Self.at)") + encoded("PING after"))
            #expect(try await client.reply() == "\"before\"")
            let recommended = try await client.replyBytes()
            #expect(try await client.reply() == "\"between\"")
            let ranked = try await client.replyBytes()
            #expect(recommended == ranked)
            #expect(ReplyText.notation(of: ranked).split(separator: ",").count == 1_000)
            #expect(try await client.reply() == "+OK")
            #expect(try await client.reply().hasPrefix("[\"top\", "))
            #expect(
                try await client.reply().hasPrefix("[\"shown\", :0, \"reason\", \"unknown\""))
            #expect(try await client.reply() == "\"after\"")
            #expect(try await server.info("scans_offloaded") == "4")
        }
    }

    @Test func `errors of a worker are errors of the command`() async throws {
        try await TestServer.with { server in
            let client = try await Self.load(server)
            let command = words(
                of: "RECOMMEND u SURFACE feed TOP 1 CONTEXT VECTOR text", Blob.axis(0, of: 4))
            #expect(
                try await client.ask(command)
                    == "-ERR the text space has 128 dimensions, the vector has 4")
            #expect(try await server.info("scans_offloaded") == "1")
            #expect(try await server.info("total_error_replies") == "1")
        }
    }

    @Test func `connections that drop during a scan harm no one`() async throws {
        try await TestServer.with { server in
            let client = try await Self.load(server)
            for number in 0..<30 {
                let other = try await server.connect()
                try await other.send(
                    Array(repeating: encoded("RECOMMEND u SURFACE feed TOP 10000"), count: 3)
                        .flatMap { $0 })
                if number % 2 == 0 { other.disconnect() }
            }
            #expect(try await client.ask("RECOMMEND u SURFACE feed TOP 1") != "[]")
            try await server.expectInfo("connected_clients", is: "2")
            #expect(try await client.ask("PING") == "+PONG")
        }
    }

    @Test func `a client that ends its side during a scan gets all its replies`() async throws {
        try await TestServer.with { server in
            _ = try await Self.load(server)
            let other = try await server.connect()
            let command = encoded("RECOMMEND u SURFACE feed TOP 100 \(Self.at)")
            try await other.send(Array(repeating: command, count: 5).flatMap { $0 })
            other.finishSending()
            let first = try await other.replyBytes()
            for _ in 1..<5 { #expect(try await other.replyBytes() == first) }
            #expect(try await other.readToEnd().isEmpty)
        }
    }

    @Test func `a server that stops answers what is in flight`() async throws {
        try await TestServer.with { server in
            let client = try await Self.load(server)
            let idle = try await server.connect()
            #expect(try await idle.ask("PING") == "+PONG")
            let command = encoded("RECOMMEND u SURFACE feed TOP 100 \(Self.at)")
            try await client.send(Array(repeating: command, count: 20).flatMap { $0 })
            let first = try await client.replyBytes()
            await server.stop()
            for _ in 1..<20 { #expect(try await client.replyBytes() == first) }
            #expect(try await client.readToEnd().isEmpty)
            #expect(try await idle.readToEnd().isEmpty)
            await #expect(throws: TestClient.Failure.self) { _ = try await server.connect() }
        }
    }
}
