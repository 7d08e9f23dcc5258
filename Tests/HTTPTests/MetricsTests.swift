import Testing

/// What `/metrics` counts.
@Suite struct MetricsTests {
    /// The samples of a reply, by name with labels.
    private static func samples(_ reply: HTTPReply) -> [String: Double] {
        var samples: [String: Double] = [:]
        for line in reply.body.split(separator: "\n") where !line.hasPrefix("#") {
            guard let space = line.lastIndex(of: " ") else { continue }
            samples[String(line[..<space])] = Double(line[line.index(after: space)...])
        }
        return samples
    }

    @Test func `commands are counted by verb and outcome, of RESP and HTTP together`() async throws
    {
        try await FrontServer.with { server in
            let client = try await server.connect()
            _ = try await client.ask("PUT /v1/items/a", #"{"kind":"ad","bid":1000000}"#)
            _ = try await server.resp("ITEM.ADD b KIND ad BID 2000000")
            for _ in 0..<3 { _ = try await server.resp("RANK u SURFACE ads TOP 2") }
            _ = try await server.resp("RANK u SURFACE nowhere TOP 2")
            _ = try await server.resp("RANK u SURFACE")
            _ = try await server.resp("FLY")
            _ = try await client.ask("POST /v1/rank", #"{"user":"u","surface":"ads","top":2}"#)
            _ = try await client.ask("GET /nowhere")
            let reply = try await client.ask("GET /metrics")
            #expect(reply.status == 200)
            #expect(reply.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            let samples = Self.samples(reply)
            func count(_ verb: String, _ outcome: String) -> Double? {
                samples["cairn_requests_total{verb=\"\(verb)\",outcome=\"\(outcome)\"}"]
            }
            #expect(count("item.add", "ok") == 2)
            #expect(count("rank", "ok") == 4)
            #expect(count("rank", "error") == 2)
            #expect(count("rank", "shed") == 0 && count("rank", "partial") == 0)
            #expect(count("unknown", "error") == 1)
            #expect(samples["cairn_request_duration_seconds_count{verb=\"rank\"}"] == 6)
            #expect(samples["cairn_items"] == 2)
            #expect(samples["cairn_ready"] == 1 && samples["cairn_loading"] == 0)
            func http(_ route: String, _ method: String, _ status: String) -> Double? {
                samples[
                    "cairn_http_requests_total{route=\"\(route)\",method=\"\(method)\","
                        + "status=\"\(status)\"}"]
            }
            #expect(http("/v1/items/{item}", "PUT", "2xx") == 1)
            #expect(http("/v1/rank", "POST", "2xx") == 1)
            #expect(http("none", "any", "4xx") == 1)
            #expect(
                samples[
                    "cairn_http_request_duration_seconds_count{route=\"/v1/rank\",method=\"POST\"}"]
                    == 1)
        }
    }

    @Test func `the stages of the first ranking of a connection are timed`() async throws {
        try await FrontServer.with({ $0.eventLoops = 1 }) { server in
            _ = try await server.resp("RANK u SURFACE ads TOP 2")
            let samples = Self.samples(try await server.ask("GET /metrics"))
            for stage in ["read", "parse", "resolve", "score", "slate", "write"] {
                let name = "cairn_stage_duration_seconds_count{stage=\"\(stage)\"}"
                #expect(try #require(samples[name]) >= 1, "\(stage)")
            }
            #expect(samples["cairn_stage_duration_seconds_count{stage=\"wait\"}"] == 0)
        }
    }

    @Test func `what gates keep out is counted, and names nobody`() async throws {
        try await FrontServer.with { server in
            _ = try await server.resp(
                "SIGNAL heinrich CHAT TEXT \"i am ill\" AT 2020-01-01T00:00:00Z")
            let reply = try await server.ask("GET /metrics")
            let ignored = Self.samples(reply).filter {
                $0.key.hasPrefix("cairn_signals_ignored_total") && $0.value > 0
            }
            #expect(ignored.count == 1)
            #expect(!reply.body.contains("heinrich"))
        }
    }

    @Test func `where there is a password, metrics need it`() async throws {
        try await FrontServer.with({ $0.password = "sesame" }) { server in
            #expect(try await server.ask("GET /metrics").status == 401)
            let reply = try await server.ask(
                "GET /metrics", headers: ["Authorization: Bearer sesame"])
            #expect(reply.status == 200)
            _ = try await server.resp("RANK u SURFACE ads")
            let body = try await server.ask(
                "GET /metrics", headers: ["Authorization: Bearer sesame"]
            ).body
            #expect(body.contains("cairn_requests_total{verb=\"rank\",outcome=\"refused\"} 1\n"))
        }
    }
}
