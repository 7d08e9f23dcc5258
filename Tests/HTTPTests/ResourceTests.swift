import Testing

/// Items, users, surfaces and the policy: one conversation each.
@Suite struct ResourceTests {
    /// A request with its reply: the status, and the body or the problem.
    typealias Step = (line: String, body: String?, status: Int, reply: String)

    private static func play(_ steps: [Step], type: String? = nil) async throws {
        try await FrontServer.with { server in
            let client = try await server.connect()
            for step in steps {
                let reply = try await client.ask(step.line, step.body, type: type)
                #expect(reply.status == step.status, "\(step.line): \(reply.body)")
                let isProblem = reply.headers["content-type"] == "application/problem+json"
                #expect((isProblem ? reply.problem : reply.body) == step.reply, "\(step.line)")
            }
        }
    }

    @Test func `an item is put, shown, replaced and removed`() async throws {
        let shown =
            #"{"id":"a/b","kind":"ad","text":"Chemotherapy clinic","author":"x","bid":5,"#
            + #""prior":0.25,"topics":["hiking"],"created":"2026-01-01T00:00:00Z","#
            + #""expires":"2027-01-01T00:00:00Z","regions":["US"],"languages":["en"],"#
            + #""domains":["shop.example"],"categories":["IAB7"],"taxonomy":2,"#
            + #""creative":"spring/7","flagged":"health"}"#
        try await Self.play([
            ("GET /v1/items/a%2Fb", nil, 404, "not-found path"),
            (
                "PUT /v1/items/a%2fb",
                #"{"kind":"AD","text":"Chemotherapy clinic","author":"x","bid":5,"prior":0.25,"#
                    + #""topics":["hiking"],"created":1767225600000,"#
                    + #""expires":"2027-01-01T00:00Z","regions":["us"],"languages":["en-GB"],"#
                    + #""domains":["Shop.example"],"categories":["IAB7"],"taxonomy":2,"#
                    + #""creative":"spring/7"}"#,
                200, #"{"flagged":"health"}"#
            ),
            ("GET /v1/items/a%2Fb", nil, 200, shown),
            ("PUT /v1/items/a%2Fb", #"{"kind":"ad"}"#, 200, #"{"flagged":null}"#),
            ("DELETE /v1/items/a%2Fb", nil, 204, ""),
            ("DELETE /v1/items/a%2Fb", nil, 404, "not-found path"),
            ("PUT /v1/items/a", #"{"kind":"spaceship"}"#, 422, "invalid-value /kind"),
            (
                "PUT /v1/items/a", #"{"kind":"ad","domains":["a.b","a..b"]}"#, 422,
                "invalid-value /domains/1"
            ),
            (
                "PUT /v1/items/a", #"{"kind":"ad","taxonomy":0}"#, 422, "invalid-value /taxonomy"
            ),
            (
                "PUT /v1/items/a", #"{"kind":"ad","vectors":{"taste":[0.5]}}"#, 422,
                "invalid-value "
            ),
        ])
    }

    @Test func `a user is set, shown, exported and forgotten`() async throws {
        let set =
            #"{"region":"de","notice":"2025-10-07T00:00:00Z","links":["app","web"],"#
            + #""language":"de","at":0}"#
        let regions = #"[{"from":"1970-01-01T00:00:00Z","region":"DE"}]"#
        let settings =
            #""region":"DE","regions":\#(regions),"notice":"2025-10-07T00:00:00Z","#
            + #""links":["app","web"],"language":"de","suppressed":["hiking"]"#
        let at = #""at":"2026-01-01T00:00:00Z""#
        try await Self.play([
            ("GET /v1/users/u", nil, 404, "not-found path"),
            ("PUT /v1/users/u", set, 204, ""),
            ("PUT /v1/users/u/suppressed/hiking", nil, 204, ""),
            ("PUT /v1/users/u/suppressed/hiking", nil, 204, ""),
            ("PUT /v1/users/u/suppressed/nonsense", nil, 404, "not-found -"),
            ("PUT /v1/items/g", #"{"kind":"group"}"#, 200, #"{"flagged":null}"#),
            (
                "POST /v1/users/u/signals", #"{"type":"LIKE","item":"g","id":"e1",\#(at)}"#, 200,
                #"{"outcome":"used","gate":null}"#
            ),
            (
                "POST /v1/users/u/signals", #"{"type":"LIKE","item":"g","id":"e1",\#(at)}"#, 200,
                #"{"outcome":"ignored","gate":"duplicate"}"#
            ),
            (
                "POST /v1/users/u/signals", #"{"type":"LIKE","item":"nothing"}"#, 422,
                "invalid-value /item"
            ),
            (
                "POST /v1/users/u/signals", #"{"type":"CHAT","topic":"hiking"}"#, 200,
                #"{"outcome":"ignored","gate":"region"}"#
            ),
            (
                "GET /v1/users/u", nil, 200,
                #"{"id":"u",\#(settings),"signals":{"behaviour":1,"views":0,"negative":0,"chat":0}}"#
            ),
            ("DELETE /v1/users/u/signals/e1", nil, 204, ""),
            ("DELETE /v1/users/u/signals/e1", nil, 404, "not-found path"),
            (
                "GET /v1/users/u/export", nil, 200,
                #"{"user":"u",\#(settings),"signals":[],"reserve":[],"impressions":[]}"#
            ),
            ("DELETE /v1/users/u/suppressed/hiking", nil, 204, ""),
            ("DELETE /v1/users/u/suppressed/hiking", nil, 404, "not-found path"),
            ("DELETE /v1/users/u", nil, 204, ""),
            ("DELETE /v1/users/u", nil, 404, "not-found path"),
            ("GET /v1/users/u/export", nil, 404, "not-found path"),
        ])
    }

    @Test func `a ranking says what it looked at, and why an item is not in it`() async throws {
        try await FrontServer.with { server in
            let client = try await server.connect()
            for id in ["a", "b", "c"] {
                _ = try await client.ask("PUT /v1/items/\(id)", #"{"kind":"group","prior":0.5}"#)
            }
            let request =
                #"{"user":"u","surface":"groups","top":2,"items":["c","nothing","a"],"at":0,"#
                + #""contexts":[{"topic":"hiking"},{"item":"a"},{"text":"boots"}]}"#
            let ranked = try await client.ask("POST /v1/rank", request)
            #expect(ranked.status == 200)
            #expect(ranked.json["candidates"] as? Int == 2)
            #expect(ranked.json["eligible"] as? Int == 2)
            #expect(ranked.json["unknown"] as? [String] == ["nothing"])
            #expect(ranked.json["coverage"] as? Int == 1)
            let none = try await client.ask(
                "POST /v1/rank", #"{"user":"u","surface":"groups","items":[]}"#)
            #expect(none.body.hasPrefix(#"{"items":[],"candidates":0,"#))
            let standing = try await client.ask(
                "POST /v1/whynot", #"{"user":"u","surface":"groups","item":"a"}"#)
            #expect(standing.body.hasPrefix(#"{"shown":true,"reason":"none","rank":1,"#))
            let unknown = try await client.ask(
                "POST /v1/whynot", #"{"user":"u","surface":"groups","item":"z"}"#)
            #expect(unknown.json["reason"] as? String == "unknown")
            let surface = try await client.ask(
                "POST /v1/rank", #"{"user":"u","surface":"nowhere"}"#)
            #expect(surface.status == 422)
            #expect(surface.problem == "invalid-value /surface")
        }
    }

    @Test func `a surface is named, shown, changed and made`() async throws {
        try await FrontServer.with { server in
            let client = try await server.connect()
            let names = try await client.ask("GET /v1/surfaces").json["surfaces"] as? [String]
            #expect(names.map(Set.init) == ["feed", "groups", "ads"])
            let change =
                #"{"lane":"ads","product":"app","kinds":["ad"],"bias":-1.5,"prior":0.125,"#
                + #""floor":2,"weights":{"chat.text":3},"types":{"like":0.5},"#
                + #""half_lives":{"chat":60,"freshness":1.5},"shapes":{"chat":"linear"},"#
                + #""signals":{"chat":7}}"#
            #expect(try await client.ask("PUT /v1/surfaces/New", change).status == 204)
            let shown = try await client.ask("GET /v1/surfaces/new")
            for part in [
                #""name":"new","lane":"ads","product":"app","kinds":["ad"],"bias":-1.5,"#,
                #""prior":0.125,"floor":2,"#, #""chat.text":3"#, #""LIKE":0.5"#, #""chat":60"#,
                #""freshness":1.5"#, #""chat":"linear""#, #""chat":7"#,
            ] {
                #expect(shown.body.contains(part))
            }
            #expect(try await client.ask("GET /v1/surfaces/none").problem == "not-found -")
            let empty = try await client.ask("PUT /v1/surfaces/other", "{}")
            #expect(empty.status == 422)
            let wrong = try await client.ask(
                "PUT /v1/surfaces/new", #"{"weights":{"chat.text":1e7}}"#)
            #expect(wrong.problem == "invalid-value /weights/chat.text")
        }
    }

    @Test func `a policy is shown, tried and set`() async throws {
        try await FrontServer.with { server in
            let client = try await server.connect()
            let before = try await client.ask("GET /v1/policy")
            let text = try #require(before.json["text"] as? String)
            let stricter = "version = 1\n[link]\nacross_products = \"never\"\n"
            let type = "application/toml; charset=utf-8"
            let trial = try await client.ask("POST /v1/policy/check", stricter, type: type)
            #expect(trial.json["rows"] as? [String] == ["link.across_products"])
            #expect(try await client.ask("GET /v1/policy").body == before.body)
            #expect(try await client.ask("PUT /v1/policy", stricter, type: type).status == 204)
            #expect(try await client.ask("GET /v1/policy").body != before.body)
            #expect(try await client.ask("PUT /v1/policy", text, type: type).status == 204)
            #expect(try await client.ask("GET /v1/policy").body == before.body)
            let loose = try await client.ask(
                "PUT /v1/policy", "version = 1\n[notice]\nrequired = false\n", type: type)
            #expect(loose.status == 422)
            #expect(try await client.ask("PUT /v1/policy", "{}").status == 415)
        }
    }
}
