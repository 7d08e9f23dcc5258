import Testing

/// Chats of one product on the surfaces of another: only while the accounts of both are linked.
@Suite struct LinkConversationTests {
    private static let at = "AT 2026-01-01T00:00:00Z"
    private static let user =
        "USER.SET u REGION US NOTICE 2025-10-07T00:00:00Z AT 2025-10-07T00:00:00Z"
    private static let items = [
        "ITEM.ADD boots KIND ad BID 1000000 TOPICS hiking",
        "ITEM.ADD pan KIND ad BID 2000000 TOPICS cooking",
    ]

    @Test(arguments: [
        Conversation(
            "a chat of another product needs a link",
            [
                .init(user, "+OK"),
                .init("SIGNAL u CHAT TOPIC hiking PRODUCT assistant \(at)", "+IGNORED link"),
                .init("USER.SET u LINKS assistant", "+OK"),
                .init("SIGNAL u CHAT TOPIC hiking PRODUCT assistant \(at)", "+IGNORED link"),
                .init("USER.SET u LINKS assistant,app", "+OK"),
                .init("SIGNAL u CHAT TOPIC hiking PRODUCT assistant ID e1 \(at)", "+USED"),
                .init("SIGNAL u CHAT TOPIC hiking PRODUCT glasses \(at)", "+IGNORED link"),
                .init("SIGNAL u CHAT TOPIC hiking PRODUCT app \(at)", "+USED"),
                .init("SIGNAL u CHAT TOPIC hiking \(at)", "+USED"),
            ]),
        Conversation(
            "where no surface names a product, no chat that names one is used",
            [
                .init(user, "+OK"),
                .init("USER.SET u LINKS assistant,app", "+OK"),
                .init("SURFACE.SET feed PRODUCT other", "+OK"),
                .init("SURFACE.SET groups PRODUCT other", "+OK"),
                .init("SURFACE.SET ads PRODUCT other", "+OK"),
                .init("SURFACE.SET bare LANE ads KINDS ad", "+OK"),
                .init("SIGNAL u CHAT TOPIC hiking PRODUCT assistant \(at)", "+IGNORED link"),
                .init("SIGNAL u CHAT TOPIC hiking \(at)", "+USED"),
            ]),
    ])
    func `links decide what comes in`(_ conversation: Conversation) async throws {
        try await conversation.play()
    }

    @Test func `a link that is cut masks at once, and linked again the same bytes come back`()
        async throws
    {
        try await TestServer.with { server in
            let client = try await server.connect()
            for line in [Self.user] + Self.items { _ = try await client.ask(line) }
            let surface = "SURFACE.SET bare LANE ads KINDS ad PRIOR 0.02 WEIGHT prior 1"
            #expect(try await client.ask("\(surface) WEIGHT chat.text 3") == "+OK")
            func replies(on surface: String = "ads") async throws -> [String] {
                try await [
                    client.ask("RANK u SURFACE \(surface) \(Self.at)"),
                    client.ask("EXPLAIN u boots SURFACE \(surface) \(Self.at)"),
                ]
            }
            let links = "USER.SET u LINKS assistant,app"
            _ = try await client.ask(links)
            let before = try await replies()
            let bare = try await replies(on: "bare")
            _ = try await client.ask("USER.SET u LINKS \"\"")
            let apart = try await replies()
            _ = try await client.ask(links)
            let chat = "SIGNAL u CHAT TOPIC hiking PRODUCT assistant ID e1 \(Self.at)"
            #expect(try await client.ask(chat) == "+USED")
            let linked = try await replies()
            #expect(linked[0] != before[0] && linked[1].contains("\"CHAT\""))
            // A surface of nobody's takes none.
            #expect(try await replies(on: "bare") == bare)
            #expect(try await client.ask("USER.SET u LINKS \"\"") == "+OK")
            #expect(try await replies() == apart)
            #expect(try await server.info("masked_link", through: client) != "0")
            #expect(try await client.ask(links) == "+OK")
            #expect(try await replies() == linked)
        }
    }
}
