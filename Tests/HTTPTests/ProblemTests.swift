import Testing

/// What is refused, with the status, the sort of problem and the field at fault.
@Suite struct ProblemTests {
    private static let refused: [(line: String, body: String?, status: Int, problem: String)] = [
        ("GET /", nil, 404, "no-such-path path"),
        ("GET /v2/items/a", nil, 404, "no-such-path path"),
        ("GET /v1/items/a/b", nil, 404, "no-such-path path"),
        ("GET /v1/items/", nil, 400, "malformed-request path"),
        ("GET /v1//items/a", nil, 400, "malformed-request path"),
        ("GET /v1/items/..", nil, 400, "malformed-request path"),
        ("GET /v1/items/%2e%2E", nil, 400, "malformed-request path"),
        ("GET /v1/users/../items/a", nil, 400, "malformed-request path"),
        ("GET /v1/users/..%2fitems/a", nil, 404, "no-such-path path"),
        ("GET /v1/items/%", nil, 400, "malformed-request path"),
        ("GET /v1/items/%g0", nil, 400, "malformed-request path"),
        ("GET /v1/items/%ff", nil, 400, "malformed-request path"),
        ("GET /v1/items/%00", nil, 400, "malformed-request path"),
        ("GET /v1/items/a%20b", nil, 400, "malformed-request path"),
        ("GET http://elsewhere/v1/items/a", nil, 404, "not-found path"),
        ("GET /v1/items/a?x=1", nil, 400, "malformed-request query"),
        ("POST /v1/items/a", "{}", 405, "method-not-allowed method"),
        ("PATCH /v1/rank", "{}", 405, "method-not-allowed method"),
        ("PUT /v1/items/a", "", 400, "malformed-json "),
        ("PUT /v1/items/a", "[]", 400, "invalid-shape "),
        ("PUT /v1/items/a", "{}", 400, "invalid-shape /kind"),
        ("PUT /v1/items/a", #"{"kind":1}"#, 400, "invalid-shape /kind"),
        ("PUT /v1/items/a", #"{"kind":null}"#, 400, "invalid-shape /kind"),
        ("PUT /v1/items/a", #"{"kind":"ad","kind":"ad"}"#, 400, "invalid-shape /kind"),
        ("PUT /v1/items/a", #"{"kind":"ad","a/~b":1}"#, 400, "invalid-shape /a~1~0b"),
        ("PUT /v1/items/a", #"{"kind":"ad"} {}"#, 400, "malformed-json "),
        ("PUT /v1/items/a", #"{"kind":"a d"}"#, 422, "invalid-value /kind"),
        ("PUT /v1/items/a", #"{"kind":"ad","bid":-1}"#, 422, "invalid-value /bid"),
        ("PUT /v1/items/a", #"{"kind":"ad","bid":1.5}"#, 422, "invalid-value /bid"),
        ("PUT /v1/items/a", #"{"kind":"ad","prior":1}"#, 422, "invalid-value /prior"),
        (
            "PUT /v1/items/a", #"{"kind":"ad","regions":["US","X"]}"#, 422,
            "invalid-value /regions/1"
        ),
        (
            "PUT /v1/items/a", #"{"kind":"ad","vectors":{"taste":[0.5,2]}}"#, 422,
            "invalid-value /vectors/taste"
        ),
        ("PUT /v1/users/u", #"{"region":"XYZ"}"#, 422, "invalid-value /region"),
        ("POST /v1/users/u/signals", #"{"type":"CHAT"}"#, 400, "invalid-shape "),
        (
            "POST /v1/users/u/signals", #"{"type":"CHAT","text":"a","topic":"b"}"#, 400,
            "invalid-shape /topic"
        ),
        ("POST /v1/rank", #"{"user":"u"}"#, 400, "invalid-shape /surface"),
        (
            "POST /v1/rank", #"{"user":"u","surface":"ads","contexts":[{"topic":"a"},{}]}"#, 400,
            "invalid-shape /contexts/1"
        ),
        (
            "POST /v1/rank", #"{"user":"u","surface":"ads","items":["a",7]}"#, 400,
            "invalid-shape /items/1"
        ),
        ("POST /v1/recommend", #"{"user":"u","surface":"ads"}"#, 400, "invalid-shape /top"),
        (
            "POST /v1/explain", #"{"user":"u","surface":"ads","item":"z"}"#, 422,
            "invalid-value /item"
        ),
    ]

    @Test func `a request that cannot be answered is told why`() async throws {
        try await FrontServer.with { server in
            let client = try await server.connect()
            for (line, body, status, problem) in Self.refused {
                let reply = try await client.ask(line, body)
                #expect(reply.status == status, "\(line) \(body ?? "")")
                #expect(reply.problem == problem, "\(line) \(body ?? "")")
                #expect(reply.headers["content-type"] == "application/problem+json")
                #expect(reply.json["status"] as? Int == status)
                for field in ["title", "detail", "reason"] { #expect(reply.json[field] is String) }
            }
        }
    }

    @Test func `a path that takes other methods names them`() async throws {
        try await FrontServer.with { server in
            let reply = try await server.ask("PATCH /v1/items/a", "{}")
            #expect(reply.headers["allow"] == "GET, HEAD, PUT, DELETE")
        }
    }

    @Test func `a body of another media type is refused`() async throws {
        try await FrontServer.with { server in
            for type in ["text/plain", "application/json; charset=latin1", "application/xml"] {
                let reply = try await server.ask("PUT /v1/items/a", #"{"kind":"ad"}"#, type: type)
                #expect(reply.status == 415)
                #expect(reply.problem == "unsupported-media-type header:content-type")
            }
            let type = "Application/JSON;charset=UTF-8"
            #expect(
                try await server.ask("PUT /v1/items/a", #"{"kind":"ad"}"#, type: type).status == 200
            )
        }
    }

    @Test func `a password is asked for as a bearer token`() async throws {
        try await FrontServer.with({ $0.password = "open sesame" }) { server in
            for headers in [[], ["Authorization: Bearer open"], ["Authorization: Basic b3Blbg=="]] {
                let reply = try await server.ask("GET /v1/surfaces", headers: headers)
                #expect(reply.status == 401)
                #expect(reply.headers["www-authenticate"] == "Bearer")
            }
            let known = ["Authorization: bearer open sesame"]
            #expect(try await server.ask("GET /v1/surfaces", headers: known).status == 200)
            #expect(try await server.ask("GET /healthz").status == 200)
            #expect(try await server.ask("GET /readyz").status == 200)
        }
    }

    @Test func `every answer protects itself`() async throws {
        try await FrontServer.with { server in
            for line in ["GET /healthz", "GET /v1/policy", "GET /nothing", "HEAD /v1/policy"] {
                let reply = try await server.ask(line)
                #expect(reply.headers["x-content-type-options"] == "nosniff")
                #expect(
                    reply.headers["content-security-policy"]
                        == "default-src 'none'; frame-ancestors 'none'")
                #expect(reply.headers["cache-control"] == "no-store")
                #expect(reply.headers["access-control-allow-origin"] == nil)
                #expect(reply.headers["server"] == nil)
            }
            let head = try await server.ask("HEAD /v1/policy")
            let whole = try await server.ask("GET /v1/policy")
            #expect(head.headers["content-length"] == whole.headers["content-length"])
        }
    }
}
