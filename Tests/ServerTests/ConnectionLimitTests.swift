import Testing

/// Clients that take too much: too many, too slow to write, too slow to read.
@Suite struct ConnectionLimitTests {
    @Test func `a connection too many is told so`() async throws {
        try await TestServer.with({ $0.connectionsMax = 2 }) { server in
            let first = try await server.connect()
            let second = try await server.connect()
            #expect(try await first.ask("PING") == "+PONG")
            #expect(try await second.ask("PING") == "+PONG")
            let third = try await server.connect()
            #expect(try await third.readToEnd() == "-ERR max number of clients reached\r\n")
            let info = try await first.ask("INFO clients")
            #expect(info.contains("connected_clients:2\r\nmaxclients:2\r\nrejected_connections:1"))
            second.disconnect()
            try await server.expectInfo("connected_clients", is: "1", through: first)
            let fourth = try await server.connect()
            #expect(try await fourth.ask("PING") == "+PONG")
        }
    }

    @Test func `a client that does not finish its command is disconnected`() async throws {
        try await TestServer.with({ $0.partialCommandSeconds = 1 }) { server in
            let idle = try await server.connect()
            let client = try await server.connect()
            try await client.send("PING\r\n*1\r\n$4\r\nPI")
            #expect(
                try await client.readToEnd()
                    == "+PONG\r\n-ERR the command was not complete in time\r\n")
            try await server.expectInfo("slow_writers_disconnected", is: "1")
            #expect(try await idle.ask("PING") == "+PONG")
        }
    }

    @Test func `a client that leaves its replies unread is disconnected`() async throws {
        try await TestServer.with({ $0.outputBytesMax = 1 << 20 }) { server in
            let client = try await TestClient.connect(to: server.port, receiveBytesMax: 4_096)
            let commands = Array(repeating: encoded("COMMAND DOCS"), count: 20_000).flatMap { $0 }
            await client.sendUntilRefused(commands)
            try await server.expectInfo("slow_readers_disconnected", is: "1")
            try await server.expectInfo("connected_clients", is: "1")
            #expect(try await server.info("slow_writers_disconnected") == "0")
        }
    }

    /// The limit is for what waits, so one reply may be larger when the client takes it.
    @Test(arguments: [1, 100, 4_096])
    func `a client that reads gets replies beyond the limit`(_ bytesMax: Int) async throws {
        try await TestServer.with({ $0.outputBytesMax = bytesMax }) { server in
            let client = try await server.connect()
            for _ in 0..<20 {
                #expect(try await client.ask("COMMAND DOCS").utf8.count > 4_096)
            }
            #expect(try await server.info("slow_readers_disconnected") == "0")
        }
    }
}
