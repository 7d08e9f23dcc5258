import Foundation
import Testing

/// `WHYNOT` in words, case by case, and what `EXPLAIN` says of gates.
@Suite struct WhyNotConversationTests {
    private static let at = "AT 2026-01-01T00:00:00Z"
    private static let user =
        "USER.SET u REGION US LANG en NOTICE 2025-10-07T00:00:00Z AT 2025-10-07T00:00:00Z"

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let commands: [String]
        let reason: String
        let why: [String]
        var testDescription: String { name }

        init(_ name: String, _ commands: String..., reason: String, why: String...) {
            self.name = name
            self.commands = commands
            self.reason = reason
            self.why = why
        }
    }

    @Test(arguments: [
        Case(
            "another kind", "ITEM.ADD a KIND post", reason: "kind",
            why: "it is a post, and the surface shows ad"),
        Case(
            "not yet", "ITEM.ADD a KIND ad CREATED 2030-01-01T00:00:00Z", reason: "created",
            why: "it begins at 2030-01-01T00:00:00Z, and the request's clock is "
                + "2026-01-01T00:00:00Z"),
        Case(
            "no more", "ITEM.ADD a KIND ad EXPIRES 2025-12-31T00:00:00Z", reason: "expired",
            why: "it ended at 2025-12-31T00:00:00Z, and the request's clock is "
                + "2026-01-01T00:00:00Z"),
        Case(
            "elsewhere", "ITEM.ADD a KIND ad REGIONS GB,CA", reason: "region",
            why: "it is for GB, CA, and the region is US"),
        Case(
            "in another language", "ITEM.ADD a KIND ad LANGS de", reason: "language",
            why: "it is for de, and the language is en"),
        Case(
            "below the floor", "SURFACE.SET ads FLOOR 100000",
            "ITEM.ADD a KIND ad BID 1000 PRIOR 0.5",
            reason: "floor",
            why: "its value of 500.0 is 99500.0 below the surface's floor of 100000.0"),
        Case(
            "others are better", "ITEM.ADD a KIND ad BID 1000", "ITEM.ADD b KIND ad BID 2000",
            "ITEM.ADD c KIND ad BID 3000", reason: "none", why: "2 of 3 candidates are better"),
        Case(
            "seen too often", "ITEM.ADD a KIND ad BID 1000",
            "SIGNAL u IMPRESSION ITEM a ID s1 \(at)", "SIGNAL u IMPRESSION ITEM a ID s2 \(at)",
            reason: "none", why: "no candidate is better",
            "it was shown to the user 2 times, which takes 0.8 from its logit"),
        Case(
            "about a suppressed topic", "ITEM.ADD a KIND ad BID 1000 TOPICS hiking",
            "SIGNAL u CHAT TOPIC hiking \(at)", "SUPPRESS u TOPIC hiking", reason: "none",
            why: "no candidate is better",
            "the user's interest in these topics raises no ad: hiking"),
        Case(
            "on a sensitive matter", "ITEM.ADD a KIND ad TEXT \"Chemotherapy clinic\"",
            reason: "none", why: "no candidate is better",
            "it is on a sensitive matter, so no interest raises it on ads"),
        Case("not there", reason: "unknown", why: "no live item has this name"),
    ])
    func `it says why in words`(_ test: Case) async throws {
        try await TestServer.with { server in
            let client = try await server.connect()
            for line in [Self.user] + test.commands {
                let reply = try await client.ask(line)
                #expect(!reply.hasPrefix("-"), "\(line): \(reply)")
            }
            let reply = try await client.ask("WHYNOT u a SURFACE ads \(Self.at)")
            let why = test.why.map { "\"\($0)\"" }.joined(separator: ", ")
            #expect(reply.contains("\"reason\", \"\(test.reason)\""), "\(reply)")
            #expect(reply.contains("\"why\", [\(why)]"), "\(reply)")
        }
    }

    @Test func `it says by how much an item is behind those that are shown`() async throws {
        try await TestServer.with { server in
            let client = try await server.connect()
            var bytes = encoded("ITEM.ADD low KIND group PRIOR 0.25")
            for number in 0..<1_000 { bytes += encoded("ITEM.ADD i\(number) KIND group PRIOR 0.5") }
            try await client.send(bytes)
            for _ in 0...1_000 { #expect(try await client.reply() == "+OK") }
            let reply = try await client.ask("WHYNOT u low SURFACE groups \(Self.at)")
            #expect(reply.contains("\"shown\", :0, \"reason\", \"rank\", \"rank\", :1001"))
            #expect(
                reply.contains(
                    "\"why\", [\"1000 of 1001 candidates are better; it is 0.25"), "\(reply)")
            #expect(reply.contains(" behind the last of 1000\"]"))
        }
    }

    @Test func `gates are told in general words that no chat changes`() async throws {
        try await TestServer.with { server in
            let client = try await server.connect()
            _ = try await client.ask("ITEM.ADD a KIND ad BID 1000")
            let explain = "EXPLAIN u a SURFACE ads \(Self.at)"
            func gates() async throws -> Substring? {
                let reply = try await client.ask(explain)
                return reply.components(separatedBy: "\"gates\", [").last?
                    .split(separator: "]").first
            }
            let region = "\"chat of people in this region is not used\""
            let notice = "\"chat is used only from a notice to the user on\""
            let link = "\"chat to another product is used only while the accounts are linked\""
            let sensitive = "\"chat on sensitive matters is not used\""
            #expect(try await gates() == "\(region), \(notice), \(link), \(sensitive)")
            _ = try await client.ask(Self.user)
            #expect(try await gates() == "\(link), \(sensitive)")
            _ = try await client.ask("USER.SET u LINKS app,assistant")
            let before = try await client.ask(explain)
            #expect(try await gates() == "\(sensitive)")
            let chat = "SIGNAL u CHAT TOPIC hiking SENSITIVE health \(Self.at)"
            #expect(try await client.ask(chat) == "+IGNORED sensitive")
            #expect(try await client.ask(explain) == before)
            _ = try await client.ask("USER.SET u REGION KR AT 2025-12-20T00:00:00Z")
            #expect(try await gates() == "\(region), \(sensitive)")
        }
    }
}
