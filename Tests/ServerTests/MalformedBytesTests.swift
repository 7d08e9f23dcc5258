import Testing

/// Bytes that are no commands: the sender gets an error and is cut off, and no one else notices.
@Suite struct MalformedBytesTests {
    /// What a client sends, and all that it gets until the server ends the connection.
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let bytes: [UInt8]
        let reply: String

        init(_ name: String, _ text: String, _ reply: String) {
            self.init(name, bytes: Array(text.utf8), reply)
        }

        init(_ name: String, bytes: [UInt8], _ reply: String) {
            self.name = name
            self.bytes = bytes
            self.reply = reply
        }

        var testDescription: String { name }
    }

    private static let tenMegabytes = 10 << 20

    @Test(arguments: [
        Case(
            "nested arrays", "*1\r\n*1\r\n*1\r\n$4\r\nPING\r\n",
            "-ERR Protocol error: expected '$', got '*' at argument 0\r\n"),
        Case(
            "a huge count", "*99999999999999999999\r\n",
            "-ERR Protocol error: invalid multibulk length\r\n"),
        Case(
            "a count over the limit", "*100065\r\n",
            "-ERR Protocol error: invalid multibulk length\r\n"),
        Case("a negative count", "*-2\r\n", "-ERR Protocol error: invalid multibulk length\r\n"),
        Case(
            "a count that does not end", "*" + String(repeating: "1", count: 64),
            "-ERR Protocol error: too big mbulk count string\r\n"),
        Case(
            "a negative length", "*1\r\n$-1\r\n",
            "-ERR Protocol error: invalid bulk length of argument 0\r\n"),
        Case(
            "a length over the limit", "*2\r\n$4\r\nECHO\r\n$1048577\r\n",
            "-ERR Protocol error: invalid bulk length of argument 1\r\n"),
        Case(
            "a length that is none", "*1\r\n$four\r\nPING\r\n",
            "-ERR Protocol error: invalid bulk length of argument 0\r\n"),
        Case(
            "a length that is wrong", "*1\r\n$3\r\nPING\r\n",
            "-ERR Protocol error: expected CRLF after argument 0\r\n"),
        Case(
            "a number instead of a string", "*1\r\n:4\r\n",
            "-ERR Protocol error: expected '$', got ':' at argument 0\r\n"),
        Case(
            "control characters in the error", bytes: Array("*1\r\n".utf8) + [0x0D],
            "-ERR Protocol error: expected '$', got '\\x0d' at argument 0\r\n"),
        Case(
            "what comes before an error is answered", "PING\r\n*1\r\n$4\r\nPING\r\n*x\r\nPING\r\n",
            "+PONG\r\n+PONG\r\n-ERR Protocol error: invalid multibulk length\r\n"),
        Case(
            "quotes that do not end", "ECHO \"a\r\n",
            "-ERR Protocol error: unbalanced quotes in request\r\n"),
        Case(
            "a line of ten megabytes", bytes: Array(repeating: 97, count: tenMegabytes),
            "-ERR Protocol error: too big inline request\r\n"),
        Case(
            "a browser that posts",
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nPING",
            "-ERR Protocol error: a web request reached the RESP port\r\n"),
        Case(
            "a browser that gets", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "-ERR unknown command 'GET', with args beginning with: '/' 'HTTP/1.1'\r\n"
                + "-ERR Protocol error: a web request reached the RESP port\r\n"),
        Case(
            "a command that is too long",
            bytes: Array("*18\r\n".utf8)
                + (0..<17).flatMap { _ in
                    Array("$1000000\r\n".utf8) + Array(repeating: 97, count: 1_000_000) + [13, 10]
                },
            "-ERR Protocol error: too big command at argument 16\r\n"),
    ])
    func `gets an error and is cut off`(_ bytes: Case) async throws {
        try await TestServer.with { server in
            let neighbour = try await server.connect()
            #expect(try await neighbour.ask("PING") == "+PONG")
            let client = try await server.connect()
            await client.sendUntilRefused(bytes.bytes)
            #expect(try await client.readToEnd() == bytes.reply)
            client.disconnect()
            #expect(try await neighbour.ask("PING") == "+PONG")
            try await server.expectInfo("protocol_errors", is: "1")
            try await server.expectInfo("connected_clients", is: "2")
        }
    }

    @Test(arguments: [
        "*", "*1", "*1\r", "*1\r\n", "*1\r\n$", "*1\r\n$4\r\n", "*1\r\n$4\r\nPIN",
        "*1\r\n$4\r\nPING",
        "*1\r\n$4\r\nPING\r", "PIN", "\"",
    ])
    func `a frame that is cut short by the end is no command`(_ text: String) async throws {
        try await TestServer.with { server in
            let client = try await server.connect()
            try await client.send("PING\r\n" + text)
            client.finishSending()
            #expect(try await client.readToEnd() == "+PONG\r\n")
            let other = try await server.connect()
            try await other.send(text)
            other.disconnect()
            try await server.expectInfo("connected_clients", is: "1")
            #expect(try await server.info("protocol_errors") == "0")
        }
    }

    @Test func `bytes may come one by one`() async throws {
        try await TestServer.with { server in
            let client = try await server.connect()
            let commands =
                encoded("ITEM.ADD a KIND post PRIOR 0.5") + Array("PING\r\n\r\n".utf8)
                + Array("*0\r\n*-1\r\n".utf8) + encoded("RANK u SURFACE feed")
            for byte in commands { try await client.send([byte]) }
            #expect(try await client.reply() == "+OK")
            #expect(try await client.reply() == "+PONG")
            #expect(try await client.reply() == "[\"a\", \"0.5\"]")
        }
    }

    @Test func `the longest command that is allowed is carried out`() async throws {
        try await TestServer.with { server in
            let client = try await server.connect()
            let ids = (0..<100_000).map { Array("nosuch:\($0)".utf8) }
            let reply = try await client.ask(words(of: "RANK u SURFACE feed ITEMS") + ids)
            #expect(reply == "[]")
            let more = try await client.ask(
                words(of: "RANK u SURFACE feed ITEMS") + ids + [Array("one more".utf8)])
            #expect(
                more
                    == "-ERR invalid ITEMS for 'rank' command: too many candidates: at most 100000")
            #expect(
                try await client.ask(words(of: "ECHO", Array(repeating: 97, count: 1 << 20)))
                    .utf8.count == (1 << 20) + 2)
        }
    }

    /// Whatever comes, the server answers others; each seed is a client.
    @Test func `garbage harms no one`() async throws {
        try await TestServer.with { server in
            let neighbour = try await server.connect()
            for seed in 1...200 {
                var random = SeededRandom(seed: UInt64(seed))
                let client = try await server.connect()
                let bytes = (0..<Int.random(in: 1...2_000, using: &random)).map { _ in
                    // Bytes that mean something come often.
                    Bool.random(using: &random)
                        ? UInt8.random(in: 0...255, using: &random)
                        : Array("*$:\r\n 0123456789-\"'RANK".utf8).randomElement(using: &random)
                            ?? 0
                }
                await client.sendUntilRefused(bytes)
                client.finishSending()
                _ = try await client.readToEnd()
                #expect(try await neighbour.ask("PING") == "+PONG")
            }
        }
    }
}

/// SplitMix64: the same numbers for the same seed, on every machine.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
