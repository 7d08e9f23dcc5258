import Testing

/// `SLOWLOG`: what took long and why, and nothing of whom or of what was said.
@Suite struct SlowLogTests {
    @Test func `every command is kept when all are slow, newest first`() async throws {
        try await TestServer.with({ $0.slowRequestMicroseconds = 0 }) { server in
            let client = try await server.connect()
            _ = try await client.ask("SLOWLOG RESET")
            _ = try await client.ask("PING")
            _ = try await client.ask("ITEM.ADD ad:a KIND ad BID 100")
            #expect(try await client.ask("SLOWLOG LEN") == ":2")
            let entries = try await client.ask("SLOWLOG GET")
            #expect(entries.contains("[\"ITEM.ADD\"], \"\", \"\"], ["))
            #expect(entries.hasSuffix("[\"PING\"], \"\", \"\"]]"))
            #expect(!(try await client.ask("SLOWLOG GET 1").contains("PING")))
            #expect(try await client.ask("SLOWLOG GET 0") == "[]")
            #expect(try await client.ask("SLOWLOG GET -1") == entries)
            #expect(try await client.ask("SLOWLOG GET -2").hasPrefix("-ERR "))
            #expect(try await client.ask("SLOWLOG GET 1 2").hasPrefix("-ERR "))
            #expect(try await client.ask("SLOWLOG FLY").hasPrefix("-ERR "))
            #expect(try await client.ask("SLOWLOG HELP").contains("RESET"))
            #expect(try await client.ask("SLOWLOG RESET") == "+OK")
            #expect(try await client.ask("SLOWLOG LEN") == ":0")
        }
    }

    @Test func `a slow ranking brings the terms of its best item, and names nobody`() async throws {
        try await TestServer.with({ $0.slowRequestMicroseconds = 0 }) { server in
            let client = try await server.connect()
            for line in [
                "ITEM.ADD ad:boots KIND ad BID 2500000 TEXT \"Waterproof hiking boots\"",
                "ITEM.ADD ad:lipstick KIND ad BID 2600000 TEXT \"Matte lipstick\"",
                "USER.SET heinrich REGION US NOTICE 2025-10-07T00:00:00Z AT 2025-10-07T00:00:00Z",
                "SIGNAL heinrich CHAT TEXT \"planning a hike, which boots?\" "
                    + "AT 2026-01-01T00:00:00Z",
                "SIGNAL heinrich LIKE ITEM ad:lipstick AT 2026-01-01T00:00:00Z",
            ] { _ = try await client.ask(line) }
            let rank = "RANK heinrich SURFACE ads TOP 2 AT 2026-01-01T00:00:01Z"
            let ranking = try await client.ask(
                rank + " CONTEXT TOPIC hiking ITEMS ad:boots ad:lipstick")
            #expect(ranking.hasPrefix("[\"ad:boots\", "))
            let entry = try await client.ask("SLOWLOG GET 1")
            let words =
                "[\"RANK\", \"SURFACE\", \"ads\", \"TOP\", \"2\", \"CONTEXTS\", \"1\", "
                + "\"ITEMS\", \"2\", \"EXPLAIN\", \""
            let start = try #require(entry.range(of: words)?.upperBound)
            let end = try #require(entry.range(of: "\"], \"\", \"\"]]")?.lowerBound)
            let asked = try await client.ask(
                "EXPLAIN heinrich ad:boots SURFACE ads FORMAT JSON AT 2026-01-01T00:00:01Z "
                    + "CONTEXT TOPIC hiking")
            #expect(asked.contains("\"name\":\"chat.text\"") && asked.contains("\"about\":"))
            // As EXPLAIN says it, but for what the signals are about.
            #expect(
                entry[start..<end]
                    == asked.dropFirst().dropLast().replacing(/"about":"[^"]*",/, with: ""))
            let everything = try await client.ask("SLOWLOG GET -1")
            for name in ["heinrich", "ad:boots", "ad:lipstick", "hike", "hiking", "about"] {
                #expect(!everything.contains(name), "\(name)")
            }
        }
    }

    @Test func `scans and texts of workers are there too, and only so many are kept`() async throws
    {
        try await TestServer.with({ $0.slowRequestMicroseconds = 0 }) { server in
            let client = try await server.connect()
            _ = try await client.ask(
                "USER.SET u REGION US NOTICE 2025-10-07T00:00:00Z AT 2025-10-07T00:00:00Z")
            _ = try await client.ask("SIGNAL u CHAT TEXT \"hiking\" AT 2026-01-01T00:00:00Z")
            _ = try await client.ask("RECOMMEND u SURFACE ads TOP 1 CONTEXT TEXT \"hiking\"")
            let entries = try await client.ask("SLOWLOG GET")
            #expect(entries.contains("[\"SIGNAL\"]"))
            #expect(entries.contains("[\"RECOMMEND\", \"SURFACE\", \"ads\""))
            #expect(!entries.contains("hiking"))
            try await client.send(Array(String(repeating: "PING\r\n", count: 1_000).utf8))
            for _ in 0..<1_000 { _ = try await client.reply() }
            #expect(try await client.ask("SLOWLOG GET -1").count < 20_000)
        }
    }

    @Test func `nothing is slow when it is switched off`() async throws {
        try await TestServer.with({ $0.slowRequestMicroseconds = -1 }) { server in
            let client = try await server.connect()
            _ = try await client.ask("RANK u SURFACE ads")
            #expect(try await client.ask("SLOWLOG LEN") == ":0")
        }
    }
}
