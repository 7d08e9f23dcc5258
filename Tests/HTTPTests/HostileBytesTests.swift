import Testing

/// What no honest client sends, over a raw socket. The server answers or hangs up, and serves on.
@Suite struct HostileBytesTests {
    /// Sends the bytes, and returns the status lines of all that comes back until the end.
    private static func statuses(
        _ text: String, to server: FrontServer, endsSending: Bool = true
    ) async throws -> [String] {
        let client = try await server.connect()
        do { try await client.send(text) } catch {}  // the server may hang up before the end
        if endsSending { client.finishSending() }
        let reply = String(decoding: (try? await client.readToEnd()) ?? [], as: UTF8.self)
        #expect(try await server.ask("GET /healthz").status == 200)
        return reply.components(separatedBy: "\r\n").filter { $0.hasPrefix("HTTP/1.1 ") }
            .map { String($0.dropFirst(9).prefix(3)) }
    }

    private static func expect(
        _ statuses: [String], for text: String, from server: FrontServer
    ) async throws {
        let found = try await self.statuses(text, to: server)
        #expect(found == statuses, "\(text.prefix(300))")
    }

    private static let health = "GET /healthz HTTP/1.1\r\nHost: a\r\n"

    private static let malformed: [(text: String, statuses: [String])] = [
        // Two lengths, or a length that is none: where one request ends is never a guess.
        (
            "POST /v1/rank HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked"
                + "\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", ["400"]
        ),
        (
            "POST /v1/rank HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
            ["400"]
        ),
        ("POST /v1/rank HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", ["400"]),
        ("POST /v1/rank HTTP/1.1\r\nHost: a\r\nContent-Length: +2\r\n\r\n{}", ["400"]),
        ("POST /v1/rank HTTP/1.1\r\nHost: a\r\nContent-Length: 2a\r\n\r\n{}", ["400"]),
        (
            "POST /v1/rank HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n{}",
            ["400"]
        ),
        (
            "POST /v1/rank HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
            ["400"]
        ),
        (
            "POST /v1/rank HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
            ["415"]
        ),
        (health + "Content-Length : 2\r\n\r\n", ["400"]),
        (health + " folded: a\r\n\r\n", ["400"]),
        (health + "a\0b: c\r\n\r\n", ["400"]),
        (health + "no colon\r\n\r\n", ["400"]),
        // No request at all.
        ("*1\r\n$4\r\nPING\r\n", ["400"]),
        ("\u{16}\u{3}\u{1}\u{2}\0", ["400"]),
        ("GET /healthz HTTP/3.0\r\n\r\n", ["400"]),
        ("GET\r\n\r\n", ["400"]),
        ("", []),
        // A request that breaks off.
        (
            "POST /v1/rank HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                + "Content-Length: 10\r\n\r\n{", ["400"]
        ),
    ]

    @Test func `malformed bytes are refused`() async throws {
        try await FrontServer.with { server in
            for (text, statuses) in Self.malformed {
                try await Self.expect(statuses, for: text, from: server)
            }
        }
    }

    @Test func `what is pipelined is answered in order`() async throws {
        try await FrontServer.with { server in
            let client = try await server.connect()
            try await client.send(Self.health + "\r\nGET /nothing HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.reply().status == 200)
            #expect(try await client.reply().status == 404)
        }
    }

    @Test func `headers are bounded in size and number`() async throws {
        try await FrontServer.with { server in
            let long = "X: " + String(repeating: "a", count: 9_000) + "\r\n"
            try await Self.expect(["400"], for: Self.health + long + "\r\n", from: server)
            let many = (0..<200).map { "X-\($0): a\r\n" }.joined()
            try await Self.expect(["400"], for: Self.health + many + "\r\n", from: server)
            let large = (0..<10).map { "X-\($0): \(String(repeating: "a", count: 5_000))\r\n" }
            try await Self.expect(["400"], for: Self.health + large.joined() + "\r\n", from: server)
            let path = "GET /" + String(repeating: "a", count: 9_000) + " HTTP/1.1\r\n\r\n"
            try await Self.expect(["400"], for: path, from: server)
        }
    }

    @Test func `a body that is too large is refused before it is read`() async throws {
        try await FrontServer.with { server in
            let head = "POST /v1/rank HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            let announced = try await server.connect()
            try await announced.send(head + "Content-Length: 17000000\r\n\r\n")
            let reply = try await announced.reply()
            #expect(reply.status == 413)
            #expect(reply.problem == "too-large ")

            let chunked = try await server.connect()
            try await chunked.send(head + "Transfer-Encoding: chunked\r\n\r\n")
            let chunk = "100000\r\n" + String(repeating: " ", count: 1 << 20) + "\r\n"
            for _ in 0..<17 { try await chunked.send(chunk) }
            #expect(try await chunked.reply().status == 413)
        }
    }

    @Test func `deep and long JSON costs no more than its bytes`() async throws {
        try await FrontServer.with { server in
            let client = try await server.connect()
            let deep = String(repeating: "[", count: 1 << 20)
            #expect(try await client.ask("POST /v1/rank", deep).status == 400)
            let nested = #"{"contexts":"# + deep
            #expect(try await client.ask("POST /v1/rank", nested).status == 400)
            let fields = (0..<100_000).map { #""f\#($0)":0"# }.joined(separator: ",")
            #expect(
                try await client.ask("POST /v1/rank", "{\(fields)}").problem == "invalid-shape /f0")
            let items = (0...100_000).map { "\"\($0)\"" }.joined(separator: ",")
            let many = #"{"user":"u","surface":"ads","items":[\#(items)]}"#
            let reply = try await client.ask("POST /v1/rank", many)
            #expect(reply.problem == "invalid-value /items/100000")
            let number = String(repeating: "9", count: 100_000)
            let digits = #"{"user":"u","surface":"ads","top":\#(number)}"#
            #expect(try await client.ask("POST /v1/rank", digits).problem == "invalid-value /top")
        }
    }

    @Test func `what a stranger may not see, a broken request does not show`() async throws {
        try await FrontServer.with({ $0.password = "secret" }) { server in
            let reply = try await server.ask("PUT /v1/items/a", "{", type: "text/plain")
            #expect(reply.status == 401)
        }
    }
}
