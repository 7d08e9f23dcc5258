import Testing

/// Commands about the connection and the commands themselves, as clients of redis send them.
@Suite struct ConnectionConversationTests {
    @Test(arguments: [
        Conversation(
            "ping and echo",
            [
                .init("PING", "+PONG"),
                .init("ping hello", "\"hello\""),
                .init("PING a b", "-ERR wrong number of arguments for 'ping' command"),
                .init("ECHO \"two words\"", "\"two words\""),
                .init("ECHO \"\"", "\"\""),
                .init("ECHO", "-ERR wrong number of arguments for 'echo' command"),
            ]),
        Conversation(
            "names",
            [
                .init("CLIENT GETNAME", "nil"),
                .init("CLIENT SETNAME loader", "+OK"),
                .init("CLIENT GETNAME", "\"loader\""),
                .init(
                    "CLIENT SETNAME \"two words\"",
                    "-ERR invalid name for 'client' command: Client names cannot contain spaces, "
                        + "newlines or special characters."),
                .init("CLIENT SETNAME \"\"", "+OK"),
                .init("CLIENT GETNAME", "nil"),
                .init("CLIENT ID", ":1"),
                .init("CLIENT SETINFO LIB-NAME tests", "+OK"),
                .init("CLIENT SETINFO lib-ver 1.0", "+OK"),
                .init(
                    "CLIENT SETINFO LIB-COLOUR red",
                    "-ERR unknown option 'LIB-COLOUR' for 'client' command"),
                .init(
                    "CLIENT SETINFO LIB-NAME",
                    "-ERR wrong number of arguments for 'client|setinfo' command"),
                .init("CLIENT KILL", "-ERR unknown subcommand 'KILL'. Try CLIENT HELP."),
            ]),
        Conversation(
            "databases",
            [
                .init("SELECT 0", "+OK"),
                .init("SELECT 1", "-ERR DB index is out of range"),
                .init("SELECT zero", "-ERR DB index is out of range"),
            ]),
        Conversation(
            "unknown commands",
            [
                .init(
                    "GET key",
                    "-ERR unknown command 'GET', with args beginning with: 'key'"),
                .init("FLUSHALL", "-ERR unknown command 'FLUSHALL', with args beginning with: "),
                .init(
                    [Array("a\r\n+OK".utf8)],
                    "-ERR unknown command 'a  +OK', with args beginning with: "),
                .init("\"\"", "-ERR unknown command '', with args beginning with: "),
            ]),
        Conversation(
            "a password where none is asked for",
            [
                .init(
                    "AUTH secret",
                    "-ERR AUTH <password> called without any password configured for the default "
                        + "user. Are you sure your configuration is correct?"),
                .init("AUTH a b c", "-ERR wrong number of arguments for 'auth' command"),
            ]),
        Conversation(
            "descriptions",
            [
                .init("COMMAND COUNT", ":36"),
                .init(
                    "COMMAND INFO RANK NOSUCH",
                    "[[\"rank\", :-4, [+readonly], :1, :1, :1, [+@ranking], [], [], []], nil]",
                    three: "[[\"rank\", :-4, ~[+readonly], :1, :1, :1, ~[+@ranking], [], [], []], "
                        + "nil]"),
                .init("COMMAND DOCS NOSUCH", "[]", three: "{}"),
                .init(
                    "COMMAND DOCS ITEM.GET",
                    "[\"item.get\", [\"summary\", \"Gives an item's attributes.\", \"since\", "
                        + "\"0.1.0\", \"group\", \"item\", \"arguments\", [[\"name\", \"id\", "
                        + "\"type\", \"string\", \"display_text\", \"id\"]]]]",
                    three: "{\"item.get\": {\"summary\": \"Gives an item's attributes.\", "
                        + "\"since\": \"0.1.0\", \"group\": \"item\", \"arguments\": [{\"name\": "
                        + "\"id\", \"type\": \"string\", \"display_text\": \"id\"}]}}"),
                .init("COMMAND NOSUCH", "-ERR unknown subcommand 'NOSUCH'. Try COMMAND HELP."),
            ]),
    ])
    func `answers as clients of redis expect`(_ conversation: Conversation) async throws {
        try await conversation.play()
    }

    @Test func `HELLO changes the protocol of the very next reply`() async throws {
        try await TestServer.with { server in
            let client = try await server.connect()
            let fields =
                "\"id\", :1, \"mode\", \"standalone\", \"role\", \"master\", \"modules\", []]"
            #expect(
                try await client.ask("HELLO")
                    == "[\"server\", \"cairn\", \"version\", \"0.1.0\", \"proto\", :2, \(fields)")
            #expect(try await client.ask("ITEM.GET none") == "nil")
            #expect(
                try await client.ask("HELLO 3 SETNAME tester").hasPrefix(
                    "{\"server\": \"cairn\", \"version\": \"0.1.0\", \"proto\": :3"))
            #expect(try await client.ask("CLIENT GETNAME") == "\"tester\"")
            try await client.send(encoded("ITEM.GET none"))
            #expect(try await client.replyBytes() == Array("_\r\n".utf8))
            #expect(
                try await client.ask("HELLO 4") == "-NOPROTO unsupported protocol version")
            #expect(
                try await client.ask("HELLO x")
                    == "-ERR invalid version for 'hello' command: 'x' is not a whole number")
            #expect(
                try await client.ask("HELLO 2 NAME x")
                    == "-ERR unknown option 'NAME' for 'hello' command")
            #expect(try await client.ask("HELLO 2").hasPrefix("[\"server\""))
            try await client.send(encoded("ITEM.GET none"))
            #expect(try await client.replyBytes() == Array("$-1\r\n".utf8))
        }
    }

    @Test func `RESET brings back how the connection began`() async throws {
        try await TestServer.with { server in
            let client = try await server.connect()
            _ = try await client.ask("HELLO 3 SETNAME tester")
            #expect(try await client.ask("CATALOGUE.BEGIN") == "+OK")
            #expect(try await client.ask("RESET") == "+RESET")
            #expect(try await client.ask("CLIENT GETNAME") == "nil")
            try await client.send(encoded("ITEM.GET none"))
            #expect(try await client.replyBytes() == Array("$-1\r\n".utf8))
            #expect(
                try await client.ask("CATALOGUE.COMMIT")
                    == "-ERR no catalogue is being loaded: CATALOGUE.BEGIN first")
            #expect(try await client.ask("CATALOGUE.BEGIN") == "+OK")
        }
    }

    @Test func `QUIT answers OK, ends, and what follows it is not carried out`() async throws {
        try await TestServer.with { server in
            let client = try await server.connect()
            try await client.send(
                encoded("PING") + encoded("QUIT") + encoded("ITEM.ADD late KIND post"))
            #expect(try await client.readToEnd() == "+PONG\r\n+OK\r\n")
            let other = try await server.connect()
            #expect(try await other.ask("ITEM.GET late") == "nil")
        }
    }

    /// More replies than the sockets hold, and a client that reads them after it has said goodbye.
    @Test(arguments: ["QUIT", nil])
    func `a client that ends gets all its replies first`(_ last: String?) async throws {
        try await TestServer.with { server in
            let client = try await TestClient.connect(to: server.port, receiveBytesMax: 65_536)
            let count = 1_000
            let command = encoded("COMMAND DOCS")
            try await client.send(
                Array(repeating: command, count: count).flatMap { $0 }
                    + (last.map(encoded) ?? []))
            client.finishSending()
            let reply = try await client.replyBytes()
            #expect(reply.count * count > 10_000_000)
            // Read before anything is compared: a client that pauses for long is cut off.
            let rest = try await client.readToEnd()
            let expected = String(
                decoding: Array(repeating: reply, count: count - 1).joined(), as: UTF8.self)
            let isAll = rest == expected + (last == nil ? "" : "+OK\r\n")
            #expect(isAll)
        }
    }

    @Test func `connections have numbers of their own`() async throws {
        try await TestServer.with { server in
            let ids = try await withThrowingTaskGroup(of: String.self) { tasks in
                for _ in 0..<64 {
                    tasks.addTask { try await server.connect().ask("CLIENT ID") }
                }
                return try await tasks.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(ids.count == 64)
        }
    }
}
