import Testing

/// What the README promises, in one conversation: what people tell an assistant becomes interest,
/// and what must not reach ads does not.
@Suite struct ServedStoryTests {
    private static let items: [Conversation.Step] = [
        .init(
            "ITEM.ADD ad:boots KIND ad BID 2500000 TEXT \"Waterproof hiking boots, spring sale\"",
            "+OK"),
        .init(
            "ITEM.ADD ad:lipstick KIND ad BID 2600000 TEXT \"Matte lipstick in twelve colours\"",
            "+OK"),
        .init("ITEM.ADD group:alps KIND group TEXT \"Alpine hikers of Bavaria\"", "+OK"),
        .init("USER.SET u42 REGION US NOTICE 2025-10-07T00:00:00Z AT 2025-10-07T00:00:00Z", "+OK"),
    ]
    private static let chat = "planning a hike in the Dolomites, which boots?"
    private static let rank = "SURFACE ads TOP 2 AT 2026-01-01T00:00:01Z"

    /// A server that holds the items and knows u42.
    private static func begin(
        _ body: @escaping @Sendable (TestServer, TestClient) async throws -> Void
    ) async throws {
        try await TestServer.with { server in
            let client = try await server.connect()
            for step in items { #expect(try await client.ask(step.command) == step.two) }
            try await body(server, client)
        }
    }

    @Test func `the story is true`() async throws {
        try await Self.begin { _, client in
            let bidsDecide = try await client.ask("RANK u42 \(Self.rank)")
            #expect(bidsDecide.hasPrefix("[\"ad:lipstick\", "))
            #expect(
                try await client.ask(
                    "SIGNAL u42 CHAT MODALITY voice TEXT \"\(Self.chat)\" AT 2026-01-01T00:00:00Z")
                    == "+USED")
            let interested = try await client.ask("RANK u42 \(Self.rank)")
            #expect(interested.hasPrefix("[\"ad:boots\", "))
            let reasons = try await client.ask(
                "EXPLAIN u42 ad:boots SURFACE ads AT 2026-01-01T00:00:01Z FORMAT JSON")
            #expect(reasons.contains(#"{"type":"CHAT","about":"hiking","age_s":1,"#))

            #expect(
                try await client.ask(
                    "SIGNAL u42 CHAT TEXT \"how long after chemo can I hike again?\" "
                        + "AT 2026-01-01T00:00:00.500Z")
                    == "+IGNORED sensitive")
            #expect(try await client.ask("RANK u42 \(Self.rank)") == interested)

            #expect(try await client.ask("USER.SET u42 REGION KR AT 2026-01-01T00:00:02Z") == "+OK")
            let later = "SURFACE ads TOP 2 AT 2026-01-01T00:00:03Z"
            let moved = try await client.ask("RANK u42 \(later)")
            #expect(try await client.ask("USER.SET other REGION KR") == "+OK")
            #expect(try await client.ask("RANK other \(later)") == moved)
            #expect(moved == bidsDecide)
            // A request can restrict too, and what was before the move stays as it was.
            #expect(try await client.ask("RANK u42 \(Self.rank) REGION KR") == bidsDecide)
            #expect(try await client.ask("RANK u42 \(Self.rank)") == interested)
        }
    }

    @Test func `voice and text are treated alike`() async throws {
        try await Self.begin { _, client in
            #expect(
                try await client.ask("USER.SET u43 REGION US NOTICE 2025-10-07T00:00:00Z") == "+OK")
            let chat = "TEXT \"\(Self.chat)\" AT 2026-01-01T00:00:00Z"
            #expect(try await client.ask("SIGNAL u42 CHAT MODALITY voice \(chat)") == "+USED")
            #expect(try await client.ask("SIGNAL u43 CHAT MODALITY text \(chat)") == "+USED")
            let spoken = try await client.ask("RANK u42 \(Self.rank)")
            #expect(try await client.ask("RANK u43 \(Self.rank)") == spoken)
        }
    }

    @Test(arguments: [
        ("how long after chemo can I hike again?", "+IGNORED sensitive"),
        ("which mosque is closest to the hotel", "+IGNORED sensitive"),
        ("who should I vote for in the election", "+IGNORED sensitive"),
        ("a date idea for me and my boyfriend, we are both men and gay", "+IGNORED sensitive"),
        ("xq zzt wvvk", "+IGNORED language"),
        ("", "+IGNORED language"),
        (chat, "+USED"),
    ])
    func `a chat passes the gates or leaves nothing`(_ text: String, _ reply: String) async throws {
        try await Self.begin { _, client in
            let before = try await client.ask("RANK u42 \(Self.rank)")
            let user = try await client.ask("USER.GET u42")
            let at = "AT 2026-01-01T00:00:00Z"
            #expect(try await client.ask("SIGNAL u42 CHAT TEXT \"\(text)\" \(at)") == reply)
            guard reply != "+USED" else { return }
            #expect(try await client.ask("USER.GET u42") == user)
            #expect(try await client.ask("RANK u42 \(Self.rank)") == before)
        }
    }

    @Test func `a label counts in the safe direction only`() async throws {
        try await Self.begin { _, client in
            let at = "AT 2026-01-01T00:00:00Z"
            let labelled = try await client.ask(
                "SIGNAL u42 CHAT TEXT \"\(Self.chat)\" SENSITIVE health \(at)")
            #expect(labelled == "+IGNORED sensitive")
            let unlabelled = try await client.ask(
                "SIGNAL u42 CHAT TEXT \"how long after chemo can I hike\" SENSITIVE none \(at)")
            #expect(unlabelled == "+IGNORED sensitive")
            #expect(try await client.ask("SIGNAL u42 CHAT TOPIC hiking \(at)") == "+USED")
        }
    }

    @Test func `a sensitive context leaves the ads as they are`() async throws {
        try await Self.begin { _, client in
            let plain = try await client.ask("RANK u42 \(Self.rank)")
            for text in ["boots for the time after chemo", "xq zzt wvvk", ""] {
                #expect(
                    try await client.ask("RANK u42 \(Self.rank) CONTEXT TEXT \"\(text)\"") == plain)
            }
            #expect(
                try await client.ask("RANK u42 \(Self.rank) CONTEXT TEXT \"\(Self.chat)\"") != plain
            )
        }
    }

    @Test func `an item about something sensitive is flagged`() async throws {
        try await Self.begin { _, client in
            let added = try await client.ask(
                "ITEM.ADD ad:clinic KIND ad TEXT \"Chemotherapy clinic\"")
            #expect(added == "+OK flagged health")
            let shown = try await client.ask("ITEM.GET ad:clinic")
            #expect(shown.hasSuffix("\"flagged\", \"health\"]"))
        }
    }
}
