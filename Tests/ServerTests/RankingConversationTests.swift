import Foundation
import Testing

/// `RANK`, `RECOMMEND`, `EXPLAIN` and `WHYNOT`.
@Suite struct RankingConversationTests {
    private static let posts: [Conversation.Step] = [
        .init("ITEM.ADD a KIND post PRIOR 0.25", "+OK"),
        .init("ITEM.ADD b KIND reel PRIOR 0.5", "+OK"),
        .init("ITEM.ADD 7 KIND post PRIOR 0.5", "+OK"),
        .init("ITEM.ADD x KIND ad BID 3 PRIOR 0.5", "+OK"),
        .init("ITEM.ADD us KIND group PRIOR 0.5 REGIONS us", "+OK"),
        .init("ITEM.ADD old KIND event PRIOR 0.5 EXPIRES 2001-01-01T00:00:00Z", "+OK"),
    ]

    @Test(arguments: [
        Conversation(
            "candidates",
            posts + [
                // Ties break by the bytes of the id.
                .init(
                    "RANK u SURFACE feed",
                    ranking: ["7": "0.5", "b": "0.5", "a": "0.2499999962811086"]),
                .init("RANK u SURFACE feed TOP 1 ALL", ranking: ["7": "0.5"]),
                .init("RANK u surface FEED top 2", ranking: ["7": "0.5", "b": "0.5"]),
                .init("RANK u SURFACE ads", ranking: ["x": "1.5"]),
                .init("RECOMMEND u SURFACE feed TOP 2", ranking: ["7": "0.5", "b": "0.5"]),
                .init(
                    "RANK u SURFACE feed ITEMS b nosuch a b ALL",
                    ranking: ["b": "0.5", "a": "0.2499999962811086"]),
                .init("RANK u SURFACE feed ITEMS x", ranking: [:]),
                .init(
                    words(of: "RANK u SURFACE feed PACKED", Blob.packed([7, 8, .max])),
                    ranking: ["7": "0.5"]),
                .init("RANK u SURFACE feed PACKED \"\"", ranking: [:]),
            ]),
        Conversation(
            "who, when and where",
            posts + [
                .init("USER.SET u REGION US", "+OK"),
                .init(
                    "RANK u SURFACE groups", ranking: ["us": "0.5"]),
                .init("RANK u SURFACE groups REGION CA", ranking: [:]),
                .init("RANK nobody SURFACE groups", ranking: [:]),
                .init("RANK nobody SURFACE groups REGION US", ranking: ["us": "0.5"]),
                .init("RANK u SURFACE feed ITEMS old", ranking: [:]),
                .init(
                    "RANK u SURFACE feed AT 2000-12-31T23:59:59.999Z ITEMS old",
                    ranking: ["old": "0.5"]),
                .init("RANK u SURFACE feed AT 978307200000 ITEMS old", ranking: [:]),
            ]),
        Conversation(
            "a connection reads what it has written",
            [
                .init("ITEM.ADD a KIND post PRIOR 0.5", "+OK"),
                .init("RANK u SURFACE feed", ranking: ["a": "0.5"]),
                .init("ITEM.ADD a KIND post PRIOR 0.25", "+OK"),
                .init("RANK u SURFACE feed", ranking: ["a": "0.2499999962811086"]),
                .init("ITEM.DEL a", ":1"),
                .init("RANK u SURFACE feed", ranking: [:]),
            ]),
        Conversation(
            "what is wrong with a request",
            [
                .init("RANK u", "-ERR wrong number of arguments for 'rank' command"),
                .init(
                    "RANK u TOP 3",
                    "-ERR missing option 'SURFACE' for 'rank' command, which is written: RANK user "
                        + "SURFACE surface [TOP k] [FULL] [BUDGET microseconds] [AT time] "
                        + "[REGION region] [CONTEXT TEXT "
                        + "text | TOPIC topic | ITEM id | VECTOR text|taste blob]... [ALL | PACKED "
                        + "blob | ITEMS id [id ...]]"),
                .init("RANK u SURFACE nosuch", "-ERR no surface 'nosuch'"),
                .init(
                    "RANK u SURFACE feed TOP 0",
                    "-ERR invalid TOP for 'rank' command: '0' is not a whole number from 1 to "
                        + "10000"),
                .init(
                    "RANK u SURFACE feed TOP 10001",
                    "-ERR invalid TOP for 'rank' command: '10001' is not a whole number from 1 to "
                        + "10000"),
                .init(
                    "RANK u SURFACE feed AT now",
                    "-ERR invalid AT for 'rank' command: 'now' is not a time: expected ISO 8601 "
                        + "with Z or milliseconds since 1970, up to the year 9999"),
                .init(
                    "RANK u SURFACE feed PACKED 1234567",
                    "-ERR invalid PACKED for 'rank' command: 7 bytes are not a multiple of 8"),
                .init(
                    "RANK u SURFACE feed ALL ALL",
                    "-ERR invalid ALL for 'rank' command: only one of ALL, PACKED and ITEMS may be "
                        + "given"),
                .init(
                    "RANK u SURFACE feed ITEMS",
                    "-ERR missing value of option 'ITEMS' for 'rank' command"),
                .init(
                    "RANK u SURFACE feed CONTEXT WEATHER rain",
                    "-ERR invalid CONTEXT for 'rank' command: expected TEXT, TOPIC, ITEM or "
                        + "VECTOR, got 'WEATHER'"),
                .init(
                    words(of: "RANK u SURFACE feed CONTEXT VECTOR text", Blob.axis(0, of: 64)),
                    "-ERR the text space has 128 dimensions, the vector has 64"),
                .init(
                    "RANK u SURFACE feed" + String(repeating: " CONTEXT TOPIC t", count: 9),
                    "-ERR invalid CONTEXT for 'rank' command: too many contexts: at most 8"),
                .init(
                    "RANK u SURFACE feed FORMAT JSON",
                    "-ERR unknown option 'FORMAT' for 'rank' command"),
                .init(
                    "RECOMMEND u SURFACE feed TOP 1 ALL",
                    "-ERR unknown option 'ALL' for 'recommend' command"),
                .init(
                    "RECOMMEND u SURFACE feed FULL AT 0",
                    "-ERR missing option 'TOP' for 'recommend' command, which is written: "
                        + "RECOMMEND user SURFACE surface TOP k [FULL] [BUDGET microseconds] "
                        + "[AT time] [REGION region] [CONTEXT TEXT text | TOPIC topic | ITEM id | "
                        + "VECTOR text|taste blob]..."),
                .init(
                    "EXPLAIN u a SURFACE feed TOP 1",
                    "-ERR unknown option 'TOP' for 'explain' command"),
                .init(
                    "EXPLAIN u a SURFACE feed FORMAT XML",
                    "-ERR invalid FORMAT for 'explain' command: expected JSON"),
                .init("EXPLAIN u a SURFACE feed", "-ERR no item 'a'"),
                .init("EXPLAIN u a SURFACE nosuch", "-ERR no surface 'nosuch'"),
                .init("WHYNOT u a SURFACE nosuch", "-ERR no surface 'nosuch'"),
            ]),
        Conversation(
            "why an item is not shown",
            posts + [
                .init(
                    "WHYNOT u nosuch SURFACE feed",
                    is: [
                        "shown": false, "reason": "unknown", "rank": nil, "candidates": 3,
                        "why": ["no live item has this name"],
                    ]),
                .init(
                    "WHYNOT u nosuch SURFACE feed FORMAT JSON",
                    is: .bulk(
                        #"{"shown":false,"reason":"unknown","rank":null,"candidates":3,"#
                            + #""why":["no live item has this name"]}"#)),
                .init(
                    "WHYNOT u a SURFACE feed FORMAT JSON",
                    is: .bulk(
                        #"{"shown":true,"reason":"none","rank":3,"candidates":3,"behind":null,"#
                            + #""why":["2 of 3 candidates are better"],"#
                            + #""score":0.2499999962811086,"p":0.2499999962811086,"#
                            + #""logit":-1.0986123085021973,"bid":0,"terms":["#
                            + #"{"name":"bias","value":0,"scale":null,"signals":[]},"#
                            + #"{"name":"prior","value":-1.0986123085021973,"scale":null,"#
                            + #""signals":[]},"#
                            + #"{"name":"freshness","value":0,"scale":null,"signals":[]},"#
                            + #"{"name":"follow","value":0,"scale":null,"signals":[]},"#
                            + #"{"name":"fatigue","value":0,"scale":null,"signals":[]}],"#
                            + #""gates":["chat of people in this region is not used","#
                            + #""chat is used only from a notice to the user on","#
                            + #""chat to another product is used only while the accounts are linked","#
                            + #""chat on sensitive matters is not used"],"#
                            + #""policy":"1:236370c2c81b0e34"}"#)),
            ]),
    ])
    func `rankings and their reasons`(_ conversation: Conversation) async throws {
        try await conversation.play()
    }

    @Test(arguments: ["kind": "x", "region": "us", "expired": "old"])
    func `WHYNOT names what keeps an item out`(_ reason: String, _ item: String) async throws {
        try await TestServer.with { server in
            let client = try await server.connect()
            for step in Self.posts { _ = try await client.ask(step.command) }
            let reply = try await client.ask("WHYNOT nobody \(item) SURFACE feed")
            #expect(
                reply.hasPrefix(
                    "[\"shown\", :0, \"reason\", \"\(reason)\", \"rank\", nil, \"candidates\", :3, "
                        + "\"behind\", nil, \"why\", [\"it "))
        }
    }

    @Test func `FULL says what was ranked and what was not known`() async throws {
        try await TestServer.with { server in
            let client = try await server.connect()
            _ = try await client.ask("HELLO 3")
            for step in Self.posts { _ = try await client.ask(step.command) }
            let items = try await client.ask("RANK u SURFACE feed FULL TOP 1 ITEMS q b x r a")
            #expect(
                items.hasPrefix(
                    "{\"items\": [[\"b\", ,0.5]], \"candidates\": :3, \"eligible\": :2, "
                        + "\"unknown\": [\"q\", \"r\"], \"coverage\": ,1, \"policy\": "
                        + "\"1:236370c2c81b0e34\", \"microseconds\": :"))
            let packed = try await client.ask(
                words(of: "RANK u SURFACE feed FULL PACKED", Blob.packed([.max, 7])))
            #expect(
                packed.hasPrefix(
                    "{\"items\": [[\"7\", ,0.5]], \"candidates\": :1, \"eligible\": :1, "
                        + "\"unknown\": [\"18446744073709551615\"], \"coverage\": ,1"))
        }
    }

    /// Likes in both spaces, so that there are shares to add.
    @Test func `the terms of EXPLAIN add up to the logit to the bit`() async throws {
        try await TestServer.with { server in
            let client = try await server.connect()
            for index in 0..<20 {
                let item =
                    words(
                        of: "ITEM.ADD i\(index) KIND post AUTHOR a CREATED 0 VECTOR text",
                        Blob.axis(index % 5), "VECTOR taste") + [Blob.axis(index % 3)]
                #expect(try await client.ask(item) == "+OK")
                let signal = "SIGNAL u LIKE ITEM i\(index) AT \(index * 3_600_000)"
                #expect(try await client.ask(signal) == "+USED")
            }
            #expect(try await client.ask("SIGNAL u FOLLOW ITEM i3 AT 7") == "+USED")
            #expect(try await client.ask("SIGNAL u HIDE ITEM i4 AT 7") == "+USED")
            for index in 0..<20 {
                let reply = try await client.ask(
                    "EXPLAIN u i\(index) SURFACE feed AT 999999999 FORMAT JSON")
                let text = reply.dropFirst().dropLast()
                let tree = try JSONDecoder().decode(Explanation.self, from: Data(text.utf8))
                let sum = tree.terms.reduce(0) { $0 + $1.value }
                #expect(sum == tree.logit, "i\(index)")
                #expect(tree.terms.contains { !$0.signals.isEmpty })
                for term in tree.terms {
                    guard let scale = term.scale else { continue }
                    let shares = term.signals.reduce(0) { $0 + $1.share }
                    #expect(Double(shares) * scale == term.value, "i\(index) \(term.name)")
                }
            }
        }
    }
}

/// What `FORMAT JSON` promises.
private struct Explanation: Decodable {
    struct Term: Decodable {
        struct Signal: Decodable {
            let type: String
            let about: String
            let age_s: Int?
            let weight: Int
            let share: Int
        }

        let name: String
        let value: Double
        let scale: Double?
        let signals: [Signal]
    }

    let score: Double
    let p: Double
    let logit: Double
    let bid: Int
    let terms: [Term]
    let policy: String
}
