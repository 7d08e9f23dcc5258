import Server
import Testing

/// A server with a password.
@Suite struct AuthenticationTests {
    private static let stranger = "-NOAUTH Authentication required."
    private static let wrong = "-WRONGPASS invalid username-password pair or user is disabled."

    @Test func `nothing but the way in is open to a stranger`() async throws {
        try await Conversation(
            "a stranger",
            [
                .init("PING", Self.stranger),
                .init("INFO", Self.stranger),
                .init("CLIENT ID", Self.stranger),
                .init("COMMAND", Self.stranger),
                .init("ITEM.ADD a KIND post", Self.stranger),
                .init("RANK u SURFACE feed", Self.stranger),
                .init("CATALOGUE.BEGIN", Self.stranger),
                .init(
                    "HELLO 2",
                    "-NOAUTH HELLO must be called with the client already authenticated, otherwise "
                        + "the HELLO <proto> AUTH <user> <pass> option can be used to authenticate "
                        + "the client and select the RESP protocol version at the same time"),
                .init("HELLO 2 AUTH default wrong", Self.wrong),
                .init("AUTH wrong", Self.wrong),
                .init("AUTH \"\"", Self.wrong),
                .init("AUTH secre", Self.wrong),
                .init("AUTH secrets", Self.wrong),
                .init("AUTH someone secret", Self.wrong),
                .init("PING", Self.stranger),
                .init("RESET", "+RESET"),
                .init("AUTH secret", "+OK"),
                .init("PING", "+PONG"),
                .init("AUTH wrong", Self.wrong),
                .init("PING", "+PONG"),
                .init("RESET", "+RESET"),
                .init("PING", Self.stranger),
                .init("AUTH default secret", "+OK"),
                .init("ITEM.GET a", "nil"),
            ]
        ).play(inTwo: true) { $0.password = "secret" }
    }

    @Test func `HELLO lets in and chooses the protocol at once`() async throws {
        try await TestServer.with({ $0.password = "secret" }) { server in
            let client = try await server.connect()
            #expect(try await client.ask("HELLO 3 AUTH default secret").hasPrefix("{\"server\""))
            #expect(try await client.ask("PING") == "+PONG")
        }
    }

    @Test func `QUIT is open to a stranger`() async throws {
        try await TestServer.with({ $0.password = "secret" }) { server in
            let client = try await server.connect()
            try await client.send("PING\r\nQUIT\r\n")
            #expect(try await client.readToEnd() == "\(Self.stranger)\r\n+OK\r\n")
        }
    }

    @Test(arguments: [
        ("*11\r\n", "unauthenticated multibulk length"),
        ("*2\r\n$4\r\nAUTH\r\n$16385\r\n", "unauthenticated bulk length of argument 1"),
        ("a b c d e f g h i j k\r\n", "unauthenticated multibulk length"),
    ])
    func `a stranger may not send much`(_ text: String, _ message: String) async throws {
        try await TestServer.with({ $0.password = "secret" }) { server in
            let client = try await server.connect()
            try await client.send(text)
            #expect(try await client.readToEnd() == "-ERR Protocol error: \(message)\r\n")
        }
    }

    @Test func `the limits of a stranger end with the password`() async throws {
        try await TestServer.with({ $0.password = "secret" }) { server in
            let client = try await server.connect()
            let long = words(of: "ECHO", Array(repeating: 97, count: 20_000))
            try await client.send(encoded("AUTH secret") + encoded(long))
            #expect(try await client.reply() == "+OK")
            #expect(try await client.reply().utf8.count == 20_002)
        }
    }
}
