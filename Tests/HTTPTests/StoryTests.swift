import Foundation
import Testing

/// The one-minute story by HTTP, and the same rankings by RESP.
@Suite struct StoryTests {
    private static let rank = #"{"user":"u42","surface":"ads","top":2,"at":"2026-01-01T00:00:01Z"}"#
    private static let ranked = "RANK u42 SURFACE ads TOP 2 AT 2026-01-01T00:00:01Z"

    @Test func `the story is true, and RESP tells the same digit for digit`() async throws {
        try await FrontServer.with { server in
            let client = try await server.connect()
            for (path, body) in [
                (
                    "/v1/items/ad:boots",
                    #"{"kind":"ad","bid":2500000,"text":"Waterproof hiking boots, spring sale"}"#
                ),
                (
                    "/v1/items/ad:lipstick",
                    #"{"kind":"ad","bid":2600000,"text":"Matte lipstick in twelve colours"}"#
                ),
                (
                    "/v1/items/group:alps",
                    #"{"kind":"group","text":"Alpine hikers of Bavaria"}"#
                ),
            ] {
                let reply = try await client.ask("PUT \(path)", body)
                #expect(reply.status == 200)
                #expect(reply.body == #"{"flagged":null}"#)
            }
            let user = #"{"region":"US","notice":"2025-10-07T00:00:00Z","at":1759795200000}"#
            #expect(try await client.ask("PUT /v1/users/u42", user).status == 204)
            let bidsDecide = try await Self.pairs(client, server)
            #expect(bidsDecide.first == "ad:lipstick")

            let chat = try await client.ask(
                "POST /v1/users/u42/signals",
                #"{"type":"CHAT","modality":"voice","at":"2026-01-01T00:00:00Z","#
                    + #""text":"planning a hike in the Dolomites, which boots?"}"#)
            #expect(chat.body == #"{"outcome":"used","gate":null}"#)
            let interested = try await Self.pairs(client, server)
            #expect(interested.first == "ad:boots")

            let reasons = try await client.ask(
                "POST /v1/explain",
                #"{"user":"u42","item":"ad:boots","surface":"ads","at":"2026-01-01T00:00:01Z"}"#)
            #expect(reasons.body.contains(#"{"type":"CHAT","about":"hiking","age_s":1,"#))
            #expect(
                try await server.resp(
                    "EXPLAIN u42 ad:boots SURFACE ads AT 2026-01-01T00:00:01Z FORMAT JSON"
                ).contains(reasons.body))

            let sensitive = try await client.ask(
                "POST /v1/users/u42/signals",
                #"{"type":"CHAT","text":"how long after chemo can I hike again?"}"#)
            #expect(sensitive.body == #"{"outcome":"ignored","gate":"sensitive"}"#)
            #expect(try await Self.pairs(client, server) == interested)
        }
    }

    /// Ids and scores of the ranking as HTTP writes them, after a check that RESP writes the same.
    private static func pairs(
        _ client: SocketClient, _ server: FrontServer
    ) async throws -> [String] {
        let reply = try await client.ask("POST /v1/rank", rank)
        #expect(reply.status == 200)
        let whole = try await client.ask("POST /v1/recommend", rank)
        let http = texts(in: reply.body)
        #expect(texts(in: whole.body) == http)
        let resp = try await server.resp(ranked).components(separatedBy: "\r\n")
            .filter { !$0.isEmpty && !$0.hasPrefix("*") && !$0.hasPrefix("$") }
        #expect(http == resp)
        #expect(http.count == 4)
        return http
    }

    /// The ids and the digits of the scores, without reading the digits.
    private static func texts(in body: String) -> [String] {
        let items = body.prefix { $0 != "]" }.dropFirst(#"{"items":["#.count)
        return items.components(separatedBy: "},").flatMap { pair -> [String] in
            let parts = pair.components(separatedBy: #"","score":"#)
            return [
                String(parts[0].dropFirst(#"{"id":""#.count)),
                parts[1].replacingOccurrences(of: "}", with: ""),
            ]
        }
    }
}
