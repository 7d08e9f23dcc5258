import Domain
import Server
import Testing

@testable import HTTP

/// `/openrtb2/bid` over a socket: requests in the specification's shapes, and what HTTP adds.
@Suite struct BidTests {
    /// Two ads, of which one declares itself.
    private static func with(
        _ change: (inout ServerConfiguration) -> Void = { _ in },
        _ body: @escaping @Sendable (FrontServer, SocketClient) async throws -> Void
    ) async throws {
        try await FrontServer.with(change) { server in
            let client = try await server.connect()
            let boots =
                #"{"kind":"ad","bid":2500000,"text":"Waterproof hiking boots, spring sale","#
                + #""domains":["boots.example"],"categories":["IAB18-1"],"creative":"spring"}"#
            let lipstick =
                #"{"kind":"ad","bid":2600000,"text":"Matte lipstick in twelve colours"}"#
            for (id, item) in [("ad:boots", boots), ("ad:lipstick", lipstick)] {
                #expect(try await client.ask("PUT /v1/items/\(id)", item).status == 200)
            }
            try await body(server, client)
        }
    }

    private static let path = "POST /openrtb2/bid"

    /// Each with the impressions that get a bid; the rest of each is as the specification has it.
    private static let shapes: [(name: String, request: String, impressions: [String])] = [
        (
            "a banner on a site",
            """
            {"id":"80ce30c53c16e6ede735f123ef6e32361bfc7b22","at":1,"cur":["USD"],"imp":[{"id":"1",
            "bidfloor":0.03,"banner":{"h":250,"w":300,"pos":0,"format":[{"w":300,"h":250}]}}],
            "site":{"id":"102855","cat":["IAB3-1"],"domain":"www.foobar.example",
            "page":"http://www.foobar.example/1234.html","publisher":{"id":"8953",
            "name":"foobar.example","cat":["IAB3-1"],"domain":"foobar.example"}},
            "device":{"ua":"Mozilla/5.0","ip":"123.145.167.10"},
            "user":{"id":"55816b39711f9b5acf3b90e313ed29e51665623f"}}
            """, ["1"]
        ),
        (
            "an expandable creative, video, native and audio, one request",
            """
            {"id":"123456789316e6ede735f123ef6e32361bfc7b22","at":2,"tmax":10000,"imp":[
            {"id":"1","banner":{"w":300,"h":250,"expdir":[2,4],"battr":[13]},"secure":1},
            {"id":"2","video":{"mimes":["video/mp4"],"minduration":5,"maxduration":30,
            "protocols":[2,3],"w":640,"h":480,"startdelay":0,"plcmt":1}},
            {"id":"3","native":{"request":"{\\"native\\":{\\"ver\\":\\"1.2\\"}}","ver":"1.2"}},
            {"id":"4","audio":{"mimes":["audio/mp4"],"minduration":5}}],
            "app":{"id":"agltb3B1Yi1pbmNyDAsSA0FwcBiJkfIUDA","name":"Yahoo Weather",
            "bundle":"628677149","storeurl":"https://itunes.example/id628677149"},
            "device":{"dnt":0,"geo":{"country":"USA"},"os":"iOS","js":1,"devicetype":1},
            "user":{"yob":1990,"gender":"M"}}
            """, ["1", "2"]
        ),
        (
            "deals beside an open auction, and unknown extensions",
            """
            {"id":"80ce30c53c16e6ede735f123ef6e32361bfc7b22","imp":[{"id":"1","pmp":{
            "private_auction":0,"deals":[{"id":"AB-Agency1-0001","at":1,"bidfloor":2.5}]},
            "banner":{"w":300,"h":250},"ext":{"skadn":{"versions":["2.0"]}}}],
            "ext":{"anything":[1e400,{"a":null}]},"source":{"schain":{"ver":"1.0"}}}
            """, ["1"]
        ),
        (
            "a pod of video on a television",
            """
            {"id":"p","tmax":9000,"imp":[{"id":"1","bidfloor":0.0001,"video":{"podid":"pod_1",
            "podseq":0,"slotinpod":1,"poddur":60,"mimes":["video/mp4"]}},{"id":"2","video":{
            "podid":"pod_1","mimes":["video/mp4"]}}],"app":{"content":{"id":"x","series":"S",
            "network":{"name":"n"},"channel":{"name":"c"}}},"regs":{"ext":{"gdpr":0}}}
            """, ["1", "2"]
        ),
    ]

    @Test func `requests in the specification's shapes are answered with prices of RANK`()
        async throws
    {
        try await Self.with { _, client in
            let rank = try await client.ask("POST /v1/rank", #"{"user":"x","surface":"ads"}"#)
            let ranked = try #require(rank.json["items"] as? [[String: Any]])
            let scores = try ranked.map { try #require($0["score"] as? Double) }
            for shape in Self.shapes {
                let reply = try await client.ask(
                    Self.path, shape.request, headers: ["x-openrtb-version: 2.5"])
                #expect(reply.status == 200, "\(shape.name): \(reply.body)")
                #expect(reply.headers["x-openrtb-version"] == "2.6")
                #expect(reply.headers["content-type"] == "application/json")
                let seats = try #require(reply.json["seatbid"] as? [[String: Any]])
                let bids = try #require(seats.first?["bid"] as? [[String: Any]])
                #expect(bids.compactMap { $0["impid"] as? String } == shape.impressions)
                let prices = bids.compactMap { $0["price"] as? Double }
                #expect(prices == scores.prefix(prices.count).map { $0 * 1_000 / 1_000_000 })
                #expect(bids[0]["adid"] as? String == ranked[0]["id"] as? String)
            }
        }
    }

    @Test func `nothing clears the floor, nothing is wanted: 204, on one connection with the rest`()
        async throws
    {
        try await Self.with { _, client in
            let empty = [
                #"{"id":"r","imp":[{"id":"1","bidfloor":1000000}]}"#,
                #"{"id":"r","cur":["JPY"],"imp":[{"id":"1"}]}"#,
                #"{"id":"r","wlang":["de"],"bcat":["IAB18"],"imp":[{"id":"1"}]}"#,
            ]
            for request in empty {
                let reply = try await client.ask(Self.path, request)
                #expect(reply.status == 204 && reply.body.isEmpty)
                #expect(reply.headers["x-openrtb-version"] == "2.6")
            }
            // Replies keep the order of the requests, whoever answers them.
            func request(_ line: String, _ body: String) -> String {
                "\(line) HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                    + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
            }
            let title = #""site":{"content":{"title":"a walk in the hills with new boots"}}"#
            try await client.send(
                request(Self.path, #"{"id":"first","imp":[{"id":"1"}],\#(title)}"#)
                    + request("POST /v1/rank", #"{"user":"x","surface":"ads"}"#)
                    + request(Self.path, #"{"id":"third","imp":[{"id":"1"}]}"#))
            #expect(try await client.reply().json["id"] as? String == "first")
            #expect(try await client.reply().json["candidates"] as? Int == 2)
            #expect(try await client.reply().json["id"] as? String == "third")
        }
    }

    @Test func `what cannot be read is told with its place`() async throws {
        let refused: [(body: String, headers: [String], status: Int, problem: String)] = [
            ("", [], 400, "malformed-json "), ("{\"id\":\"r\"", [], 400, "malformed-json "),
            ("[]", [], 400, "invalid-shape "), ("{}", [], 400, "invalid-shape /id"),
            (#"{"id":"r","imp":[]}"#, [], 400, "invalid-shape /imp"),
            (#"{"id":"r","imp":[{"id":7}]}"#, [], 400, "invalid-shape /imp/0/id"),
            (
                #"{"id":"r","imp":[{"id":"1","bidfloor":"2"}]}"#, [], 400,
                "invalid-shape /imp/0/bidfloor"
            ),
            (
                #"{"id":"r","imp":[{"id":"1"}],"tmax":-1}"#, [], 400, "invalid-shape /tmax"
            ),
            (
                String(repeating: "[", count: Limits.bidRequestDepthMax + 1), [], 400,
                "malformed-json "
            ),
            (
                String(repeating: " ", count: Limits.bidRequestBytesMax + 1), [], 413, "too-large "
            ),
            ("{}", ["x-openrtb-version: 3.0"], 400, "malformed-request header:x-openrtb-version"),
            ("{}", ["Content-Encoding: br"], 415, "unsupported-media-type header:content-encoding"),
            (
                "{}", ["Content-Encoding: gzip, gzip"], 415,
                "unsupported-media-type header:content-encoding"
            ),
            ("{}", ["Content-Encoding: gzip"], 400, "malformed-request "),
        ]
        try await Self.with { server, client in
            for (body, headers, status, problem) in refused {
                let reply = try await client.ask(Self.path, body, headers: headers)
                #expect(reply.status == status, "\(body.prefix(80)): \(reply.body)")
                #expect(reply.problem == problem, "\(body.prefix(80))")
                #expect(reply.headers["content-type"] == "application/problem+json")
                #expect(reply.headers["x-openrtb-version"] == "2.6")
                #expect(
                    (reply.headers["accept-encoding"] == "gzip") == problem.hasSuffix("encoding"))
            }
            let text = try await client.ask(Self.path, "{}", type: "text/plain")
            #expect(text.problem == "unsupported-media-type header:content-type")
            #expect(try await client.ask("GET /openrtb2/bid").status == 405)
            #expect(try await server.resp("INFO stats").contains("bid_requests:"))
        }
    }

    @Test func `bodies come and go by gzip`() async throws {
        try await Self.with { _, client in
            let impressions = (0..<Limits.bidImpressionsMax)
                .map { #"{"id":"\#(String(repeating: "i", count: 500))\#($0)"}"# }
            let many = #"{"id":"r","imp":[\#(impressions.joined(separator: ","))]}"#
            let few = #"{"id":"r","imp":[{"id":"1"}]}"#
            let plain = try await client.ask(Self.path, many)
            #expect(plain.status == 200 && plain.bytes.count >= Limits.httpPackedBytesMin)
            #expect(plain.headers["content-encoding"] == nil)
            #expect(plain.headers["vary"] == "Accept-Encoding")
            let packed = try #require(GzipText.deflated(Array(many.utf8)))
            let reply = try await client.post(
                "/openrtb2/bid", packed,
                headers: ["Content-Encoding: gzip", "Accept-Encoding: br, gzip;q=0.5"])
            #expect(reply.status == 200 && reply.headers["content-encoding"] == "gzip")
            #expect(reply.bytes.count < plain.bytes.count / 4)
            let text = try GzipText.inflated(reply.bytes, bytesMax: plain.bytes.count)
            #expect(Self.withoutName(text) == Self.withoutName(plain.bytes))
            for (request, accepted) in [(few, "gzip"), (many, "gzip;q=0"), (many, "br")] {
                let reply = try await client.ask(
                    Self.path, request, headers: ["Accept-Encoding: \(accepted)"])
                #expect(reply.status == 200 && reply.headers["content-encoding"] == nil)
            }
        }
    }

    /// A response without its last field but one, which is the time.
    private static func withoutName(_ text: [UInt8]) -> Substring {
        let text = String(decoding: text, as: UTF8.self)
        return text.prefix(upTo: text.firstRange(of: "\"bidid\"")?.lowerBound ?? text.startIndex)
    }

    @Test func `a bomb is not inflated, and what is no gzip is told`() async throws {
        let request = Array(#"{"id":"r","imp":[{"id":"1"}]}"#.utf8)
        let zeros = [UInt8](repeating: UInt8(ascii: " "), count: 16 << 20)
        let bomb = try #require(GzipText.deflated(zeros))
        #expect(bomb.count < Limits.bidRequestBytesMax)
        let member = try #require(
            GzipText.deflated(Array(zeros.prefix(Limits.bidRequestBytesMax / 2))))
        let good = try #require(GzipText.deflated(request))
        var flipped = good
        flipped[good.count - 6] ^= 1  // of the checksum
        let bodies: [(name: String, body: [UInt8], status: Int)] = [
            ("one long member", bomb, 413), ("many members", member + member + member, 413),
            ("exactly at the limit, of spaces", member + member, 400), ("whole", good, 200),
            ("in two members", try Self.members(request), 200), ("cut", good.dropLast(), 400),
            ("of a wrong checksum", flipped, 400), ("with something behind", good + [0], 400),
            ("nothing", [], 400),
        ]
        try await Self.with { _, client in
            for (name, body, status) in bodies {
                let reply = try await client.post(
                    "/openrtb2/bid", body, headers: ["Content-Encoding: gzip"])
                #expect(reply.status == status, "\(name): \(reply.body)")
            }
        }
    }

    private static func members(_ text: [UInt8]) throws -> [UInt8] {
        let parts = [text.prefix(9), text.dropFirst(9)]
        return try parts.flatMap { try #require(GzipText.deflated(Array($0))) }
    }

    @Test func `the time in which a request waits for its body is gone`() async throws {
        try await Self.with { server, client in
            func send(_ request: String, after delay: Duration) async throws -> HTTPReply {
                try await client.send(
                    "\(Self.path) HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                        + "Content-Length: \(request.utf8.count)\r\n\r\n")
                try await Task.sleep(for: delay)
                try await client.send(request)
                return try await client.reply()
            }
            let slow = #"{"id":"r","tmax":80,"imp":[{"id":"1"}]}"#
            #expect(
                try await send(slow, after: .milliseconds(60)).body
                    == #"{"id":"r","seatbid":[],"nbr":15}"#)
            let patient = #"{"id":"r","tmax":60000,"imp":[{"id":"1"}]}"#
            #expect(try await send(patient, after: .milliseconds(60)).body.contains("adid"))
            let stats = try await server.resp("INFO stats")
            #expect(stats.contains("bid_requests:2\r\n"))
            #expect(stats.contains("requests_shed:1\r\n"))
        }
    }

    @Test func `what stands around an ad is read once, and counts unless it is sensitive`()
        async throws
    {
        try await Self.with { server, client in
            func bids(_ title: String?) async throws -> Substring {
                let site = title.map { #","site":{"content":{"title":"\#($0)"}}"# } ?? ""
                let reply = try await client.ask(
                    Self.path, #"{"id":"r","imp":[{"id":"1"}]\#(site)}"#)
                #expect(reply.status == 200)
                return Self.withoutName(reply.bytes)
            }
            let bare = try await bids(nil)
            let hike = "planning a hike in the Dolomites, which boots?"
            let first = try await bids(hike)
            #expect(first != bare && first.contains("ad:boots"))
            #expect(try await bids(hike) == first)
            let chemo = "how long after chemo can I hike again?"
            #expect(try await bids(chemo) == bare)
            #expect(try await bids(chemo) == bare)
            #expect(try await server.resp("INFO policy").contains("masked_sensitive:2\r\n"))
        }
    }

    @Test func `a password is asked for here too`() async throws {
        try await FrontServer.with({ $0.password = "sesame" }) { server in
            let request = #"{"id":"r","imp":[{"id":"1"}]}"#
            #expect(try await server.ask(Self.path, request).status == 401)
            let reply = try await server.ask(
                Self.path, request, headers: ["Authorization: Bearer sesame"])
            #expect(reply.status == 204)
        }
    }
}
