import Testing

/// Many connections that write while others rank.
@Suite struct ConcurrencyTests {
    @Test func `each connection reads its own writes while others write`() async throws {
        try await TestServer.with { server in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for writer in 0..<8 {
                    tasks.addTask { try await Self.write(server, as: writer) }
                }
                for _ in 0..<4 {
                    tasks.addTask { try await Self.rank(server) }
                }
                try await tasks.waitForAll()
            }
            #expect(try await server.info("items") == "800")
            #expect(try await server.info("signals_used") == "1600")
            #expect(try await server.info("total_error_replies") == "0")
        }
    }

    /// Items and signals of its own and of a user whom all share, each read back in one pipeline.
    private static func write(_ server: TestServer, as writer: Int) async throws {
        let client = try await server.connect()
        for round in 1...100 {
            let item = "w\(writer):\(round)"
            try await client.send(
                encoded("ITEM.ADD \(item) KIND group PRIOR 0.5")
                    + encoded("RANK u SURFACE groups AT 0 ITEMS \(item)")
                    + encoded("SIGNAL user\(writer) LIKE ITEM \(item)")
                    + encoded("SIGNAL shared VIEW ITEM \(item)")
                    + encoded("USER.GET user\(writer)"))
            #expect(try await client.reply() == "+OK")
            #expect(try await client.reply() == "[\"\(item)\", \"0.5\"]")
            #expect(try await client.reply() == "+USED")
            #expect(try await client.reply() == "+USED")
            #expect(try await client.reply().contains("\"behaviour\", :\(round), "))
        }
    }

    private static func rank(_ server: TestServer) async throws {
        let client = try await server.connect()
        for _ in 0..<100 {
            let reply = try await client.ask("RANK shared SURFACE groups TOP 50")
            #expect(reply.hasPrefix("[") && !reply.contains("ERR"))
        }
    }

    /// Every catalogue holds items of one generation; a ranking that mixes two has seen half of a
    /// commit.
    @Test func `a ranking sees one catalogue`() async throws {
        let generations = 40
        try await TestServer.with { server in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    let client = try await server.connect()
                    for generation in 1...generations {
                        var bytes = encoded("CATALOGUE.BEGIN")
                        for index in 0..<50 {
                            bytes += encoded("ITEM.ADD g\(generation):\(index) KIND post PRIOR 0.5")
                        }
                        try await client.send(bytes + encoded("CATALOGUE.COMMIT"))
                        for _ in 0..<52 { #expect(try await client.reply() == "+OK") }
                    }
                }
                for _ in 0..<4 {
                    tasks.addTask { try await Self.watch(server, to: generations) }
                }
                try await tasks.waitForAll()
            }
        }
    }

    private static func watch(_ server: TestServer, to last: Int) async throws {
        let client = try await server.connect()
        var newest = 0
        while newest < last {
            let reply = try await client.ask("RANK u SURFACE feed AT 0")
            let ids = reply.split(separator: "\"").filter { $0.hasPrefix("g") }
            guard !ids.isEmpty else { continue }
            let seen = Set(ids.compactMap { Int($0.dropFirst().prefix { $0 != ":" }) })
            #expect(seen.count == 1 && ids.count == 50, "\(reply)")
            let generation = seen.max() ?? 0
            #expect(generation >= newest)
            newest = max(newest, generation)
        }
    }
}
