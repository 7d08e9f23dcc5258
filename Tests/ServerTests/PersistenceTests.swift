import Domain
import Foundation
import Server
import Testing

/// What a server holds is there again after it has stopped, in every mode.
@Suite(.serialized) struct PersistenceTests {
    /// A change of every kind.
    private static let story = [
        "ITEM.ADD ad:boots KIND ad BID 2500000 TEXT \"Waterproof hiking boots\"",
        "ITEM.ADD ad:lipstick KIND ad BID 2600000 TEXT \"Matte lipstick\" AUTHOR ann PRIOR 0.25 "
            + "TOPICS hiking CREATED 2026-01-01T00:00:00Z EXPIRES 2036-01-01T00:00:00Z REGIONS US,GB "
            + "LANGS en,fr",
        "ITEM.ADD gone KIND post TEXT \"Soon gone\"",
        "ITEM.ADD post:1 KIND post TEXT \"A cello concert\"",
        "USER.SET u42 REGION US NOTICE 2025-10-07T00:00:00Z LINKS a,app LANG en",
        "SIGNAL u42 CHAT TOPIC hiking ID e1 PRODUCT a AT 2026-02-01T00:00:00Z",
        "SIGNAL u42 LIKE ITEM gone ID e2 AT 2026-02-02T00:00:00Z",
        "SIGNAL u42 VIEW ITEM post:1 ID e3 AT 2026-02-03T00:00:00Z",
        "SIGNAL u42 IMPRESSION ITEM ad:boots ID e4 AT 2026-02-04T00:00:00Z",
        "SIGNAL u42 HIDE TOPIC cooking AT 2026-02-05T00:00:00Z",
        "SIGNAL u43 LIKE ITEM post:1 AT 2026-02-05T00:00:00Z",
        "SIGNAL u44 LIKE ITEM post:1 AT 2026-02-05T00:00:00Z",
        "SUPPRESS u42 TOPIC cooking",
        "SUPPRESS u42 TOPIC \"violin and cello\"",
        "UNSUPPRESS u42 TOPIC \"violin and cello\"",
        "RETRACT u42 e3",
        "FORGET u44",
        "ITEM.DEL gone",
        "SURFACE.SET feed WEIGHT chat.text 2.5 HALFLIFE chat 604800",
        "SURFACE.SET reels KINDS reel,post LANE content BIAS -1",
        "CATALOGUE.BEGIN",
        "ITEM.ADD ad:boots KIND ad BID 2400000 TEXT \"Waterproof hiking boots\"",
        "ITEM.ADD post:2 KIND post TEXT \"New strings for a cello\"",
        "CATALOGUE.COMMIT",
        "ITEM.ADD post:3 KIND post TEXT \"How to bake bread\"",
    ]

    private static let questions = [
        "EXPORT u42", "EXPORT u43", "EXPORT u44", "USER.GET u42", "ITEM.GET ad:boots",
        "ITEM.GET ad:lipstick", "ITEM.GET post:2", "ITEM.GET post:3", "SURFACE.GET",
        "SURFACE.GET feed", "SURFACE.GET reels", "POLICY.GET",
        "RANK u42 SURFACE ads AT 2026-03-01T00:00:00Z",
        "RANK u42 SURFACE feed AT 2026-03-01T00:00:00Z",
        "EXPLAIN u42 ad:boots SURFACE ads FORMAT JSON AT 2026-03-01T00:00:00Z",
        "RECOMMEND u43 SURFACE reels TOP 9 AT 2026-03-01T00:00:00Z",
    ]

    private static func tell(_ story: [String], to client: TestClient) async throws {
        for line in story {
            let reply = try await client.ask(line)
            #expect(!reply.hasPrefix("-"), "\(line): \(reply)")
        }
    }

    private static func answers(_ client: TestClient) async throws -> [String] {
        var answers: [String] = []
        for question in questions { answers.append(try await client.ask(question)) }
        return answers
    }

    @Test(arguments: ["always", "everysec", "off"])
    func `everything is there after a restart`(_ mode: String) async throws {
        let data = try DataFolder()
        let before = Captured<[String]>([])
        let use: @Sendable (inout ServerConfiguration) -> Void = { configuration in
            configuration.dataPath = data.path
            try? configuration.use(durability: mode, of: "test")
        }
        try await TestServer.with(use) { server in
            let client = try await server.connect()
            try await Self.tell(Self.story, to: client)
            #expect(try await server.info("durability") == mode)
            #expect(try await server.info("last_sequence") == "\(Self.story.count + 1)")
            before.set(try await Self.answers(client))
        }
        for _ in 0..<2 {
            try await TestServer.with(use) { server in
                let client = try await server.connect()
                #expect(try await server.info("loading") == "0")
                let after = try await Self.answers(client)
                for (question, (was, now)) in zip(Self.questions, zip(before.value, after)) {
                    #expect(was == now, "\(question)")
                }
                // The same event still counts once.
                #expect(
                    try await client.ask("SIGNAL u42 LIKE ITEM post:2 ID e1")
                        == "+IGNORED duplicate")
            }
        }
    }

    @Test func `no words of a chat, and nothing of a blocked one, is in the directory`()
        async throws
    {
        let data = try DataFolder()
        try await TestServer.with({ $0.dataPath = data.path }) { server in
            let client = try await server.connect()
            try await Self.tell(
                ["USER.SET u REGION US NOTICE 2025-10-07T00:00:00Z"], to: client)
            #expect(
                try await client.ask(
                    "SIGNAL u CHAT ID seen TEXT \"planning a hike in the Dolomites\"") == "+USED")
            #expect(
                try await client.ask(
                    "SIGNAL u CHAT ID blockedevent TEXT \"how long after chemo can I hike\"")
                    == "+IGNORED sensitive")
            #expect(
                try await client.ask("SIGNAL blockeduser CHAT TEXT \"a hike\"")
                    == "+IGNORED region")
        }
        let text = String(decoding: try data.everything(), as: UTF8.self)
        for word in ["Dolomites", "planning", "chemo", "blockedevent", "blockeduser"] {
            #expect(!text.contains(word), "\(word)")
        }
    }

    @Test func `a catalogue whose client is gone at the stop is not there after it`() async throws {
        let data = try DataFolder()
        try await TestServer.with({ $0.dataPath = data.path }) { server in
            let client = try await server.connect()
            try await Self.tell(
                [
                    "ITEM.ADD a KIND post", "CATALOGUE.BEGIN", "ITEM.ADD b KIND post",
                    "ITEM.ADD c KIND post",
                ], to: client)
        }
        try await TestServer.with({ $0.dataPath = data.path }) { server in
            let client = try await server.connect()
            #expect(try await server.info("items") == "1")
            try await Self.tell(
                ["CATALOGUE.BEGIN", "ITEM.ADD d KIND post", "CATALOGUE.COMMIT"], to: client)
            #expect(try await client.ask("ITEM.GET a") == "nil")
        }
    }

    @Test func `surfaces and policy that are given hold, whatever was recovered`() async throws {
        let data = try DataFolder()
        try await TestServer.with({ $0.dataPath = data.path }) { server in
            let client = try await server.connect()
            try await Self.tell(
                ["SURFACE.SET feed BIAS 3", "SURFACE.SET ads BIAS 4 FLOOR 7"], to: client)
        }
        let strict = "version = 1\n[link]\nacross_products = \"never\"\n"
        let given: @Sendable (inout ServerConfiguration) -> Void = { configuration in
            configuration.dataPath = data.path
            try? configuration.apply(toml: "[surfaces.ads]\nbias = 5.0\n")
            configuration.policyPath = "given"
            try? configuration.usePolicy(toml: strict)
        }
        for use in [given, { $0.dataPath = data.path }] {
            try await TestServer.with(use) { server in
                let client = try await server.connect()
                let ads = try await client.ask("SURFACE.GET ads")
                #expect(ads.contains("\"bias\", \"5\"") && ads.contains("\"floor\", \"7\""))
                #expect(try await client.ask("SURFACE.GET feed").contains("\"bias\", \"3\""))
                #expect(try await client.ask("POLICY.GET").contains("across_products = \"never\""))
            }
        }
    }

    @Test func `data of another taste dimension are refused with advice`() async throws {
        let data = try DataFolder()
        try await TestServer.with({ $0.dataPath = data.path }) { _ in }
        let other = try TemporaryFile("[taste]\ndimension = 64\n")
        let ended = try await Program.run(
            ["serve", "--port", "0", "--data", data.path, "--config", other.path])
        #expect(ended.status == 65)
        #expect(
            ended.errors.contains(
                "'\(data.path)' was written with the taste dimension 128, and this server has 64"))
        #expect(ended.errors.contains("cairn export"))
    }

    @Test func `changes that depend on each other wait for each other under always`() async throws {
        let data = try DataFolder()
        try await TestServer.with({
            $0.dataPath = data.path
            try? $0.use(durability: "always", of: "test")
        }) { server in
            try await withThrowingTaskGroup(of: [String].self) { tasks in
                for number in 0..<8 {
                    tasks.addTask {
                        let client = try await server.connect()
                        var replies: [String] = []
                        for round in 0..<20 {
                            // The same events from all: each counts once.
                            try await client.send(
                                encoded("ITEM.ADD i\(round) KIND post")
                                    + encoded("SIGNAL u LIKE ITEM i\(round) ID e\(round)")
                                    + encoded("SIGNAL u\(number) LIKE ITEM i\(round) PRODUCT p"))
                            for _ in 0..<3 { replies.append(try await client.reply()) }
                        }
                        return replies
                    }
                }
                var used = 0
                for try await replies in tasks {
                    #expect(replies.count == 60)
                    #expect(replies.allSatisfy { !$0.hasPrefix("-") })
                    used += replies.count { $0 == "+USED" }
                }
                #expect(used == 20 + 8 * 20)
            }
            #expect(try await server.info("lag_records") == "0")
        }
    }
}

/// A value that one task leaves for another.
final class Captured<Value: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var held: Value

    init(_ value: Value) { held = value }
    var value: Value { lock.withLock { held } }
    func set(_ value: Value) { lock.withLock { held = value } }
}
