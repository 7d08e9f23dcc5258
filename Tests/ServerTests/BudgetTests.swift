import Testing

@testable import Server

/// Requests that say how long their answer is of use.
@Suite struct BudgetTests {
    /// More candidates than are scored between two looks at the clock.
    private static let itemsCount = 2_000
    /// Scoring all of them takes hundreds of times as long.
    private static let tooShort = "BUDGET 1"

    private static func fill(_ server: TestServer) async throws -> TestClient {
        let client = try await server.connect()
        let items = (0..<itemsCount).flatMap { encoded(words(of: "ITEM.ADD \($0) KIND post")) }
        try await client.send(items)
        for _ in 0..<itemsCount { #expect(try await client.reply() == "+OK") }
        #expect(try await client.ask("HELLO 3").hasPrefix("{"))
        return client
    }

    @Test(arguments: [
        "0", "-1", "60000001", "soon", "1.5",
    ])
    func `a budget is some microseconds, a minute at most`(_ budget: String) async throws {
        try await TestServer.with { server in
            let client = try await server.connect()
            let reply = try await client.ask("RANK u SURFACE feed BUDGET \(budget)")
            #expect(reply.hasPrefix("-ERR invalid BUDGET for 'rank' command: "), "\(reply)")
        }
    }

    @Test func `time enough gives the same ranking, and says that it is whole`() async throws {
        try await TestServer.with { server in
            let client = try await Self.fill(server)
            let plain = try await client.ask("RANK u SURFACE feed TOP 3 AT 7 FULL")
            let timed = try await client.ask("RANK u SURFACE feed TOP 3 AT 7 BUDGET 60000000")
            let same = plain.prefix { $0 != "m" }  // up to microseconds
            #expect(timed.hasPrefix(same), "\(timed)")
            #expect(timed.contains("\"coverage\": ,1, "))
            #expect(try await server.info("replies_partial") == "0")
            #expect(try await server.info("requests_shed") == "0")
        }
    }

    @Test func `when the time is over the best so far are given with their share`() async throws {
        try await TestServer.with { server in
            let client = try await Self.fill(server)
            let reply = try await client.ask(
                "RANK u SURFACE feed TOP 3 \(Self.tooShort) ITEMS "
                    + (0..<Self.itemsCount).map(String.init).joined(separator: " "))
            let share = try #require(
                reply.split(separator: "\"coverage\": ,").last?.split(separator: ",").first
                    .flatMap { Double($0) })
            #expect(share > 0)
            #expect(share < 1)
            #expect(try await server.info("replies_partial") == "1")
        }
    }

    /// The first budget of a loop is from when it is read; those after it, from when they came.
    @Test func `what is late before it begins is shed, counted, and costs no other`() async throws {
        try await TestServer.with { server in
            let client = try await Self.fill(server)
            _ = try await client.ask("RANK u SURFACE feed TOP 1 BUDGET 60000000")
            let before = "RANK u SURFACE feed TOP 1000 AT 7"
            let late = "RANK u SURFACE feed TOP 3 \(Self.tooShort)"
            try await client.send(
                encoded(words(of: before)) + encoded(words(of: late)) + encoded(words(of: "PING")))
            #expect(try await client.reply().hasPrefix("[[\"0\", "))
            #expect(
                try await client.reply()
                    == "-LATE the budget of 1 microseconds was over before the request could begin")
            #expect(try await client.reply() == "+PONG")
            #expect(try await server.info("requests_shed") == "1")
        }
    }

    @Test(arguments: ["EXPLAIN u 1 SURFACE feed BUDGET 5", "WHYNOT u 1 SURFACE feed BUDGET 5"])
    func `reasons have no budget`(_ line: String) async throws {
        try await TestServer.with { server in
            let reply = try await server.connect().ask(line)
            #expect(reply.hasPrefix("-ERR unknown option 'BUDGET' for "), "\(reply)")
        }
    }
}
