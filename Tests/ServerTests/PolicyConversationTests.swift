import Policy
import Server
import Testing
import Wire

/// `POLICY.GET`, `POLICY.CHECK` and `POLICY.SET`.
@Suite struct PolicyConversationTests {
    private static let announced = PolicyTable.announced
    private static let withCanada = stricter("\"CA\"")
    private static let at = "AT 2026-01-01T00:00:00Z"

    /// The announced policy with more excluded regions, as a file says it.
    private static func stricter(_ codes: String) -> String {
        let regions = announced.excludedRegions.map { "\"\($0)\"" }.joined(separator: ", ")
        return "version = 1\n[regions]\nexcluded = [\(regions), \(codes)]\n"
    }

    private static func command(_ name: String, _ text: String) -> [[UInt8]] {
        [Array(name.utf8), Array(text.utf8)]
    }

    private static func digest(of text: String) throws -> String {
        try PolicyTable.read(toml: text).digest
    }

    private static func policy(_ text: String) throws -> Reply {
        let table = try PolicyTable.read(toml: text)
        return [
            "version": 1, "digest": .bulk(table.digest), "text": .verbatim(table.canonicalText),
        ]
    }

    private static func trial(
        _ text: String, rows: [String] = [], users: Int = 0, hidden: Int = 0, restored: Int = 0
    ) throws -> Reply {
        [
            "version": 1, "digest": .bulk(try digest(of: text)),
            "rows": .array(rows.map { .bulk($0) }), "users": .integer(users),
            "signals": .integer(hidden + restored),
            "hidden": ["region": .integer(hidden), "effective": 0, "notice": 0, "link": 0],
            "restored": ["region": .integer(restored), "effective": 0, "notice": 0, "link": 0],
        ]
    }

    private static func refused(_ name: String, _ reason: String) -> String {
        "-ERR invalid policy for '\(name)' command: \(reason)"
    }

    @Test func `a policy is shown, tried out and set`() async throws {
        let announced = Self.announced.canonicalText
        try await Conversation(
            "a policy",
            [
                .init("POLICY.GET", is: try Self.policy(announced)),
                .init("USER.SET ca REGION CA NOTICE 2025-10-07T00:00:00Z", "+OK"),
                .init("USER.SET us REGION US NOTICE 2025-10-07T00:00:00Z", "+OK"),
                .init("SIGNAL ca CHAT TOPIC hiking \(Self.at)", "+USED"),
                .init("SIGNAL ca CHAT TOPIC hiking \(Self.at) ID second", "+USED"),
                .init("SIGNAL us CHAT TOPIC hiking \(Self.at)", "+USED"),
                .init(
                    Self.command("POLICY.CHECK", announced), is: try Self.trial(announced)),
                .init(
                    Self.command("POLICY.CHECK", Self.withCanada),
                    is: try Self.trial(
                        Self.withCanada, rows: ["regions.excluded"], users: 1, hidden: 2)),
                .init("SIGNAL ca CHAT TOPIC hiking \(Self.at)", "+USED"),
                .init(Self.command("policy.set", Self.withCanada), "+OK"),
                .init("POLICY.GET", is: try Self.policy(Self.withCanada)),
                .init("SIGNAL ca CHAT TOPIC hiking \(Self.at)", "+IGNORED region"),
                .init(
                    Self.command("POLICY.CHECK", announced),
                    is: try Self.trial(
                        announced, rows: ["regions.excluded"], users: 1, restored: 3)),
                .init(
                    Self.command("POLICY.CHECK", Self.withCanada),
                    is: try Self.trial(Self.withCanada)),
                .init(Self.command("POLICY.SET", announced), "+OK"),
                .init("POLICY.GET", is: try Self.policy(announced)),
                .init("SIGNAL ca CHAT TOPIC hiking \(Self.at)", "+USED"),
            ]
        ).play()
    }

    @Test func `what is wrong with a policy`() async throws {
        let loose = "version = 1\n[notice]\nrequired = false\n"
        let looseReason =
            "notice.required: false would loosen the announced rule: it stands as true, chat counts "
            + "only from the moment the user's notice was recorded"
        try await Conversation(
            "bad policies",
            [
                .init("POLICY.GET all", "-ERR wrong number of arguments for 'policy.get' command"),
                .init("POLICY.SET", "-ERR wrong number of arguments for 'policy.set' command"),
                .init(
                    "POLICY.CHECK /etc/passwd",
                    Self.refused(
                        "policy.check", "syntax: line 1: expected a row or a section")),
                .init(
                    Self.command("POLICY.CHECK", loose), Self.refused("policy.check", looseReason)),
                .init(Self.command("POLICY.SET", loose), Self.refused("policy.set", looseReason)),
                .init(
                    Self.command("POLICY.SET", "version = 2"),
                    Self.refused(
                        "policy.set",
                        "version: 2 is newer than 1, the newest that this server reads")),
                .init(
                    Self.command("POLICY.SET", Self.stricter("\"XX\"")),
                    Self.refused("policy.set", "regions.excluded: 'XX' is no country of ISO 3166")),
                .init("POLICY.GET", is: try Self.policy(Self.announced.canonicalText)),
            ]
        ).play()
    }

    @Test func `a stranger may not see or change it`() async throws {
        let stranger = "-NOAUTH Authentication required."
        try await Conversation(
            "a stranger",
            [
                .init("POLICY.GET", stranger),
                .init(Self.command("POLICY.CHECK", "version = 1"), stranger),
                .init(Self.command("POLICY.SET", "version = 1"), stranger),
            ]
        ).play(inTwo: true) { $0.password = "secret" }
    }

    @Test func `a region hides chats on the next request, and the same bytes come back`()
        async throws
    {
        try await TestServer.with { server in
            let client = try await server.connect()
            try await Self.fill(client, region: "CA")
            func replies() async throws -> [[UInt8]] {
                var replies: [[UInt8]] = []
                for line in [
                    "RANK u SURFACE ads \(Self.at)", "RANK u SURFACE groups \(Self.at)",
                    "EXPLAIN u ad:boots SURFACE ads \(Self.at)",
                    "WHYNOT u ad:boots SURFACE ads \(Self.at)",
                ] {
                    try await client.send(encoded(line))
                    replies.append(try await client.replyBytes())
                }
                return replies
            }
            let before = try await replies()
            let announced = Self.announced.digest
            #expect(String(decoding: before[2], as: UTF8.self).contains(announced))
            #expect(try await client.ask(Self.command("POLICY.SET", Self.withCanada)) == "+OK")
            let hidden = try await replies()
            #expect(hidden[0] != before[0] && hidden[1] != before[1])
            try await client.send(encoded("RANK nobody SURFACE ads \(Self.at)"))
            #expect(try await client.replyBytes() == hidden[0])
            let digest = try Self.digest(of: Self.withCanada)
            #expect(String(decoding: hidden[2], as: UTF8.self).contains(digest))
            #expect(!String(decoding: hidden[2], as: UTF8.self).contains("hiking"))
            #expect(try await server.info("policy_digest") == digest)
            #expect(
                try await client.ask("RANK u SURFACE ads FULL \(Self.at)")
                    .contains("\"policy\", \"\(digest)\""))
            #expect(try await client.ask(Self.command("POLICY.SET", "version = 1")) == "+OK")
            #expect(try await replies() == before)
            #expect(try await server.info("policy_digest") == announced)
        }
    }

    /// Two items, and a user who has talked about hiking.
    private static func fill(_ client: TestClient, region: String) async throws {
        for line in [
            "ITEM.ADD ad:boots KIND ad BID 2500000 TOPICS hiking",
            "ITEM.ADD ad:lipstick KIND ad BID 2600000", "ITEM.ADD g:alps KIND group TOPICS hiking",
            "ITEM.ADD g:chess KIND group",
            "USER.SET u REGION \(region) NOTICE 2025-10-07T00:00:00Z AT 2025-10-07T00:00:00Z",
        ] {
            #expect(try await client.ask(line) == "+OK")
        }
        #expect(try await client.ask("SIGNAL u CHAT TOPIC hiking \(at)") == "+USED")
    }

    @Test func `a reply is of one policy, whatever is set meanwhile`() async throws {
        try await TestServer.with { server in
            let setter = try await server.connect()
            try await Self.fill(setter, region: "CA")
            let explain = encoded("EXPLAIN u ad:boots SURFACE ads \(Self.at)")
            let texts = ["version = 1", Self.withCanada]
            var expected: Set<[UInt8]> = []
            for text in texts {
                #expect(try await setter.ask(Self.command("POLICY.SET", text)) == "+OK")
                try await setter.send(explain)
                expected.insert(try await setter.replyBytes())
            }
            #expect(expected.count == 2)
            let both = expected
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    for number in 0..<200 {
                        let reply = try await setter.ask(
                            Self.command("POLICY.SET", texts[number % 2]))
                        #expect(reply == "+OK")
                    }
                }
                for _ in 0..<3 {
                    tasks.addTask {
                        let client = try await server.connect()
                        for _ in 0..<20 {
                            try await client.send((0..<20).flatMap { _ in explain })
                            for _ in 0..<20 {
                                #expect(both.contains(try await client.replyBytes()))
                            }
                        }
                    }
                }
                try await tasks.waitForAll()
            }
        }
    }

    @Test func `chats that come while the policy changes are taken by one or the other`()
        async throws
    {
        try await TestServer.with { server in
            let setter = try await server.connect()
            try await Self.fill(setter, region: "CA")
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    for number in 0..<300 {
                        let text = number % 2 == 0 ? Self.withCanada : "version = 1"
                        let reply = try await setter.ask(Self.command("POLICY.SET", text))
                        #expect(reply == "+OK")
                    }
                }
                for connection in 0..<2 {
                    tasks.addTask {
                        let client = try await server.connect()
                        for number in 0..<40 {
                            let reply = try await client.ask(
                                "SIGNAL u CHAT TEXT \"new poles for the Alps\" \(Self.at) "
                                    + "ID \(connection)-\(number)")
                            // Sensitive: what could no longer be read in time.
                            let possible = ["+USED", "+IGNORED region", "+IGNORED sensitive"]
                            #expect(possible.contains(reply))
                        }
                    }
                }
                try await tasks.waitForAll()
            }
        }
    }

    @Test func `a context's text can be walled off on content too`() async throws {
        try await TestServer.with { server in
            let client = try await server.connect()
            try await Self.fill(client, region: "US")
            let plain = try await client.ask("RANK u SURFACE groups \(Self.at)")
            let walled = "version = 1\n[every_way_in]\ncontext_text = [\"ads\", \"content\"]\n"
            let request =
                "RANK u SURFACE groups \(Self.at) CONTEXT TEXT \"life after chemotherapy\""
            #expect(try await client.ask(request) != plain)
            #expect(try await client.ask(Self.command("POLICY.SET", walled)) == "+OK")
            #expect(try await client.ask(request) == plain)
            #expect(try await client.ask(Self.command("POLICY.SET", "version = 1")) == "+OK")
            #expect(try await client.ask(request) != plain)
        }
    }

    @Test func `requests are counted at the gates that kept something out of them`() async throws {
        try await TestServer.with { server in
            let client = try await server.connect()
            try await Self.fill(client, region: "CA")
            func masked() async throws -> [String] {
                var counts: [String] = []
                for gate in Gate.allCases where gate != .duplicate {
                    let count = try await server.info("masked_\(gate.rawValue)")
                    if count != "0" { counts.append("\(gate.rawValue) \(count)") }
                }
                return counts
            }
            _ = try await client.ask("RANK u SURFACE ads \(Self.at)")
            #expect(try await masked().isEmpty)
            _ = try await client.ask("RANK u SURFACE ads REGION KR \(Self.at)")
            _ = try await client.ask("RANK nobody SURFACE ads REGION KR \(Self.at)")
            #expect(try await masked() == ["region 1"])
            #expect(try await client.ask(Self.command("POLICY.SET", Self.withCanada)) == "+OK")
            _ = try await client.ask("RECOMMEND u SURFACE feed TOP 5 \(Self.at)")
            _ = try await client.ask("EXPLAIN u ad:boots SURFACE ads \(Self.at)")
            _ = try await client.ask("WHYNOT u ad:boots SURFACE ads \(Self.at)")
            #expect(try await masked() == ["region 4"])
            _ = try await client.ask(
                "RANK nobody SURFACE ads CONTEXT TEXT \"life after chemotherapy\" "
                    + "CONTEXT TEXT \"a clinic for chemotherapy\"")
            #expect(try await masked() == ["region 4", "sensitive 1"])
            #expect(try await client.ask("USER.SET u NOTICE 2026-01-02T00:00:00Z") == "+OK")
            #expect(try await client.ask(Self.command("POLICY.SET", "version = 1")) == "+OK")
            _ = try await client.ask("RANK u SURFACE ads \(Self.at)")
            #expect(try await masked() == ["region 4", "notice 1", "sensitive 1"])
        }
    }
}
