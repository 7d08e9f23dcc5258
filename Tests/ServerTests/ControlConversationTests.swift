import Domain
import Testing

/// `SUPPRESS`, `UNSUPPRESS`, `RETRACT`, `FORGET` and `EXPORT` over the socket.
@Suite struct ControlConversationTests {
    private static let at = "AT 2026-01-01T00:00:00Z"
    private static let user = Conversation.Step(
        "USER.SET u REGION US NOTICE 2025-10-07T00:00:00Z AT 2025-10-07T00:00:00Z", "+OK")
    /// Two ads that a bid tells apart, and what a chat about hiking makes of them.
    private static let ads = [
        Conversation.Step("ITEM.ADD ad:boots KIND ad BID 1000 TOPICS hiking", "+OK"),
        Conversation.Step("ITEM.ADD ad:pans KIND ad BID 1100 TOPICS cooking", "+OK"),
    ]
    private static let ranking = "RANK u SURFACE ads \(at)"
    private static let plain = Conversation.Step(
        ranking, ranking: ["ad:pans": "55000.00000000001", "ad:boots": "50000"])

    @Test(arguments: [
        Conversation(
            "a topic is suppressed, and the suppression lifted",
            [
                user,
                .init("SUPPRESS u TOPIC wormholes", "-ERR unknown topic 'wormholes'"),
                .init("UNSUPPRESS u TOPIC wormholes", "-ERR unknown topic 'wormholes'"),
                .init("SUPPRESS u TOPIC Hiking", ":1"),
                .init("SUPPRESS u TOPIC hiking", ":0"),
                .init("SUPPRESS u TOPIC hiking,cooking", "-ERR unknown topic 'hiking,cooking'"),
                .init(
                    "SUPPRESS u ITEM hiking", "-ERR unknown option 'ITEM' for 'suppress' command"),
                .init(
                    "SUPPRESS u hiking", "-ERR wrong number of arguments for 'suppress' command"),
                .init(
                    "USER.GET u",
                    is: [
                        "id": "u", "region": "US",
                        "regions": [["from": "2025-10-07T00:00:00Z", "region": "US"]],
                        "notice": "2025-10-07T00:00:00Z", "links": [], "language": "unknown",
                        "suppressed": ["hiking"],
                        "signals": ["behaviour": 0, "views": 0, "negative": 0, "chat": 0],
                    ]),
                .init("UNSUPPRESS u TOPIC hiking", ":1"),
                .init("UNSUPPRESS u TOPIC hiking", ":0"),
                .init("SUPPRESS v TOPIC hiking", ":1"),
                .init("UNSUPPRESS v TOPIC hiking", ":1"),
                .init("USER.GET v", "nil"),
            ]),
        Conversation(
            "a signal is retracted, and may come again",
            [
                user,
                .init("RETRACT u e1", ":0"),
                .init("SIGNAL u CHAT TOPIC hiking ID e1 \(at)", "+USED"),
                .init("SIGNAL u CHAT TOPIC hiking ID e1 \(at)", "+IGNORED duplicate"),
                .init("RETRACT v e1", ":0"),
                .init("RETRACT u e1", ":1"),
                .init("RETRACT u e1", ":0"),
                .init("SIGNAL u CHAT TOPIC hiking ID e1 \(at)", "+USED"),
                .init("SIGNAL u CHAT TEXT t SENSITIVE health ID e2 \(at)", "+IGNORED language"),
                .init("RETRACT u e2", ":0"),
                .init("RETRACT u", "-ERR wrong number of arguments for 'retract' command"),
                .init(
                    "RETRACT u \"a b\"",
                    "-ERR invalid event for 'retract' command: identifier must be UTF-8 without "
                        + "spaces or control characters"),
                .init("SIGNAL w LIKE TOPIC hiking ID e1 \(at)", "+USED"),
                .init("RETRACT w e1", ":1"),
                .init("USER.GET w", "nil"),
            ]),
        Conversation(
            "a user is forgotten",
            [
                .init("FORGET u", ":0"),
                user,
                .init("SIGNAL u CHAT TOPIC hiking ID e1 \(at)", "+USED"),
                .init("FORGET u", ":1"),
                .init("FORGET u", ":0"),
                .init("USER.GET u", "nil"),
                .init("EXPORT u", "nil"),
                .init("SIGNAL u CHAT TOPIC hiking ID e1 \(at)", "+IGNORED region"),
                .init("FORGET u v", "-ERR wrong number of arguments for 'forget' command"),
            ]),
        Conversation(
            "a user is exported",
            [
                .init("EXPORT u", "nil"),
                .init("EXPORT", "-ERR wrong number of arguments for 'export' command"),
                user,
                .init("USER.SET u LINKS app,assistant LANG en", "+OK"),
                .init("SUPPRESS u TOPIC cooking", ":1"),
                .init("ITEM.ADD q\\ KIND post", "+OK"),
                .init("SIGNAL u LIKE ITEM q\\ ID e1 \(at)", "+USED"),
                .init("SIGNAL u IMPRESSION ITEM q\\ AT 2026-01-01T00:00:00.5Z", "+USED"),
                .init("SIGNAL u CHAT TOPIC hiking PRODUCT assistant \(at)", "+USED"),
                .init("SIGNAL u CHAT TEXT t SENSITIVE health ID e2 \(at)", "+IGNORED language"),
                .init("ITEM.DEL q\\", ":1"),
                .init(
                    "EXPORT u",
                    #""{"user":"u","region":"US","regions":[{"from":"2025-10-07T00:00:00Z","#
                        + #""region":"US"}],"notice":"2025-10-07T00:00:00Z","#
                        + #""links":["app","assistant"],"language":"en","#
                        + #""suppressed":["cooking"],"signals":[{"type":"LIKE","#
                        + #""at":"2026-01-01T00:00:00Z","item":"q\\","#
                        + #""event_hash":"6d7af9ad26582e30"},{"type":"CHAT","at":"2026-01-01T00:00:00Z","#
                        + #""topics":[{"topic":"hiking","weight":1}],"product":"assistant","#
                        + #""event_hash":null}],"reserve":[],"impressions":[{"item":"q\\","count":1,"#
                        + #""last":"2026-01-01T00:00:00.500Z","newest":[{"#
                        + #""at":"2026-01-01T00:00:00.500Z","event_hash":null}]}]}""#),
            ]),
    ])
    func `users take control`(_ conversation: Conversation) async throws {
        try await conversation.play()
    }

    @Test func `rankings follow, and come back to the byte`() async throws {
        try await TestServer.with { server in
            let client = try await server.connect()
            for step in [Self.user] + Self.ads { try await client.send(encoded(step.command)) }
            for _ in 0..<3 { #expect(try await client.reply() == "+OK") }
            func ranking() async throws -> [UInt8] {
                try await client.send(encoded(Self.ranking))
                return try await client.replyBytes()
            }
            let plain = try await ranking()
            #expect(
                try await client.ask("SIGNAL u CHAT TOPIC hiking ID e1 \(Self.at)") == "+USED")
            let chatty = try await ranking()
            let content = try await client.ask("RANK u SURFACE feed \(Self.at)")
            #expect(chatty != plain)
            #expect(try await client.ask("SUPPRESS u TOPIC hiking") == ":1")
            #expect(try await ranking() == plain)
            #expect(try await client.ask("RANK u SURFACE feed \(Self.at)") == content)
            #expect(try await client.ask("UNSUPPRESS u TOPIC hiking") == ":1")
            #expect(try await ranking() == chatty)
            #expect(try await client.ask("RETRACT u e1") == ":1")
            #expect(try await ranking() == plain)
            #expect(
                try await client.ask("SIGNAL u CHAT TOPIC hiking ID e1 \(Self.at)") == "+USED")
            #expect(try await client.ask("FORGET u") == ":1")
            #expect(try await ranking() == plain)
            #expect(try await server.info("users") == "0")
        }
    }

    @Test func `by voice or by text, the state is the same`() async throws {
        try await TestServer.with { server in
            let client = try await server.connect()
            var exports: [String] = []
            for modality in ["voice", "text"] {
                #expect(try await client.ask(Self.user.command) == "+OK")
                #expect(
                    try await client.ask(
                        "SIGNAL u CHAT TEXT \"which trekking poles for the Alps\" ID e1 "
                            + "MODALITY \(modality) \(Self.at)") == "+USED")
                exports.append(try await client.ask("EXPORT u"))
                #expect(try await client.ask("FORGET u") == ":1")
            }
            #expect(exports[0] == exports[1] && exports[0].contains("\"CHAT\""))
        }
    }

    @Test func `the largest user is exported whole, and within its limit`() async throws {
        try await TestServer.with { server in
            let client = try await server.connect()
            let item = String(repeating: "\\", count: Limits.identifierBytesMax)
            var bytes = encoded("ITEM.ADD \(item) KIND post")
            var count = 0
            let vector = Blob.vector((0..<128).map { _ in -1 })
            for (type, limit) in [
                ("LIKE", Limits.behaviourRingMax), ("VIEW", Limits.viewRingMax),
                ("HIDE", Limits.negativeRingMax),
            ] {
                for _ in 0..<limit {
                    bytes += encoded(words(of: "SIGNAL u \(type) VECTOR taste", vector, Self.at))
                    count += 1
                }
            }
            bytes += encoded("SIGNAL u IMPRESSION ITEM \(item) \(Self.at)")
            try await client.send(bytes)
            #expect(try await client.reply() == "+OK")
            for _ in 0...count { #expect(try await client.reply() == "+USED") }
            let export = try await client.ask("EXPORT u")
            #expect(export.components(separatedBy: "\"vector\"").count == count + 1)
            #expect(export.utf8.count < Limits.exportBytesMax)
        }
    }

    @Test func `a server that lets out less says so, and the connection goes on`() async throws {
        try await TestServer.with({ $0.outputBytesMax = 600 }) { server in
            let client = try await server.connect()
            #expect(try await client.ask("ITEM.ADD p KIND post") == "+OK")
            for number in 1...6 {
                #expect(
                    try await client.ask("SIGNAL u LIKE ITEM p ID e\(number) \(Self.at)")
                        == "+USED")
            }
            let refusal = try await client.ask("EXPORT u")
            #expect(refusal.hasPrefix("-ERR the export has ") && refusal.hasSuffix(" is 600"))
            #expect(try await client.ask("PING") == "+PONG")
        }
    }
}
