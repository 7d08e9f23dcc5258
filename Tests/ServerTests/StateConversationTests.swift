import Testing

/// `INFO state` over the socket.
@Suite struct StateConversationTests {
    @Test func `INFO state counts and digests everything, and plain INFO does neither`()
        async throws
    {
        try await TestServer.with { server in
            let client = try await server.connect()
            #expect(try await client.ask("ITEM.ADD a KIND ad BID 5") == "+OK")
            let before = try await client.ask("INFO state")
            #expect(before.contains("# State\r\nstate_digest:"))
            #expect(before.contains("state_items:1\r\n") && before.contains("state_users:0\r\n"))
            #expect(try await client.ask("SIGNAL u LIKE ITEM a") == "+USED")
            let liked = try await client.ask("INFO STATE")
            #expect(liked.contains("state_users:1\r\nstate_signals:1\r\nstate_impressions:0\r\n"))
            #expect(try await client.ask("FORGET u") == ":1")
            #expect(try await client.ask("INFO state") == before)
            for sections in ["", " all", " default", " server"] {
                #expect(try await client.ask("INFO\(sections)").contains("state_digest") == false)
            }
        }
    }
}
