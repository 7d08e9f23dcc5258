import Testing

/// `cairn prove`, as anyone runs it.
@Suite(.serialized) struct ProveTests {
    @Test func `it counts what it tried, and every instruction set gives the same digest`()
        async throws
    {
        var digests: Set<Substring> = []
        for (isa, threads) in [("scalar", "1"), (nil, "2")] {
            let proof = try await Program.run(
                ["prove", "--labels", "--seed", "3", "--cases", "300", "--threads", threads],
                isa: isa)
            #expect(proof.status == 0, "\(proof.output)\(proof.errors)")
            #expect(proof.output.contains("300 cases, "))
            #expect(proof.output.contains("every promise holds"))
            digests.formUnion(
                proof.output.split(separator: "\n").filter { $0.hasPrefix("digest of seed 3") })
        }
        #expect(digests.count == 1)
    }

    @Test func `a promise that there is not is refused by name`() async throws {
        let refused = try await Program.run(["prove", "--labels", "--property", "nonsense"])
        #expect(refused.status != 0)
        #expect(refused.errors.contains("no promise is called 'nonsense'; there are verdicts, ads"))
    }

    @Test func `one server, or two, keep the promises as seen through their sockets`()
        async throws
    {
        try await TestServer.with { server in
            for count in 1...2 {
                let address = ["--server", "127.0.0.1:\(server.port)"]
                let addresses = Array(repeating: address, count: count).flatMap { $0 }
                let proof = try await Program.run(["prove", "--cases", "18"] + addresses)
                #expect(proof.status == 0, "\(proof.output)\(proof.errors)")
                #expect(proof.output.contains("18 cases, "))
            }
            let client = try await server.connect()
            #expect(try await client.ask("EXPORT ann.a") == "nil")
            #expect(try await client.ask("ITEM.GET boots") == "nil")
        }
    }

    @Test func `a server that is not there is named`() async throws {
        let refused = try await Program.run(["prove", "--labels", "--server", "127.0.0.1:1"])
        #expect(refused.status != 0)
        #expect(refused.errors.contains("nothing answers at '127.0.0.1:1'"))
    }
}
