import Server
import Testing

/// A change that cannot be made is refused before it is kept: there are only so many distinct lists of
/// languages and regions in a catalogue.
@Suite(.serialized) struct FullListsTests {
    private static let listsMax = 255

    @Test(arguments: ["always", "everysec"])
    func `one list too many is refused, is in no journal, and can come with the next catalogue`(
        _ mode: String
    ) async throws {
        let data = try DataFolder()
        let use: @Sendable (inout ServerConfiguration) -> Void = { configuration in
            configuration.dataPath = data.path
            try? configuration.use(durability: mode, of: "test")
        }
        let state = Captured("")
        try await TestServer.with(use) { server in
            let client = try await server.connect()
            let letters = Array("abcdefghijklmnopqrstuvwxyz")
            // All at once: what is under way must not miss the last place.
            try await client.send(
                (0..<300).flatMap { number in
                    let list = "\(letters[number / 26])\(letters[number % 26]),en"
                    return encoded("ITEM.ADD i\(number) KIND post LANGS \(list)")
                })
            var kept = 0
            for number in 0..<300 {
                let reply = try await client.reply()
                if reply == "+OK" {
                    kept += 1
                } else {
                    #expect(
                        reply.contains("distinct lists of regions, or of languages"), "\(reply)")
                    #expect(number >= Self.listsMax)
                }
            }
            #expect(kept == Self.listsMax)
            // The first record is what the directory is of.
            #expect(try await server.info("last_sequence", through: client) == "\(1 + kept)")
            // Lists that others have are no new ones.
            #expect(try await client.ask("ITEM.ADD i0 KIND post LANGS aa,en BID 3") == "+OK")
            for line in ["CATALOGUE.BEGIN", "ITEM.ADD z KIND post LANGS zz", "CATALOGUE.COMMIT"] {
                #expect(try await client.ask(line) == "+OK")
            }
            state.set(try await client.ask("INFO state"))
        }
        try await TestServer.with(use) { server in
            let client = try await server.connect()
            #expect(try await client.ask("INFO state") == state.value)
        }
    }
}
