import Foundation
import Server
import Testing

/// Users can leave with their data: export and import give the same state.
@Suite(.serialized) struct TransferTests {
    private static let story = [
        "ITEM.ADD a KIND post TEXT \"A cello concert\" AUTHOR ann PRIOR 0.1 TOPICS hiking "
            + "CREATED 2026-01-01T00:00:00.123Z EXPIRES 2036-01-01T00:00:00Z REGIONS US,GB LANGS en",
        "ITEM.ADD b KIND ad BID 17 TEXT \"quotes \\\\ and ümlauts\"", "ITEM.ADD gone KIND reel",
        "ITEM.ADD c KIND ad ADOMAIN shop.example,boots.example CAT IAB18-1 CATTAX 7 CRID spring/7",
        "ITEM.ADD d KIND ad CATTAX 65535",
        "USER.SET u REGION US NOTICE 2025-10-07T00:00:00Z LINKS x,y,app LANG en AT 1000",
        "USER.SET u REGION CA AT 3000", "USER.SET u REGION CA AT 2000", "USER.SET bare LINKS none",
        "SIGNAL u LIKE ITEM gone ID e1 AT 1000", "SIGNAL u VIEW ITEM b ID e2 AT 2000",
        "SIGNAL u CHAT TOPIC hiking PRODUCT x ID e3 AT 2026-02-01T00:00:00Z",
        "SIGNAL u HIDE TEXT \"a song for cello\" AT 5",
        "SIGNAL u IMPRESSION ITEM a AT 3000 ID i1", "SIGNAL u IMPRESSION ITEM a AT 1000 ID i2",
        "SIGNAL u IMPRESSION ITEM a AT 2000 ID i3", "SIGNAL u IMPRESSION ITEM a AT 9000 ID i4",
        "SIGNAL u IMPRESSION ITEM a AT 5000 ID i5", "SIGNAL u IMPRESSION ITEM b AT 5000 ID i6",
        "RETRACT u i4", "SUPPRESS u TOPIC cooking", "SUPPRESS only-this TOPIC hiking",
        "SURFACE.SET feed BIAS 2.5 KINDS post", "SURFACE.SET reels KINDS reel PRODUCT z FLOOR 0.5",
        "ITEM.DEL gone",
    ]

    @Test(arguments: [128, 32, 0])
    func `what is exported and imported is the same state`(_ dimension: Int) async throws {
        let data = try DataFolder()
        let before = Captured<[String]>([])
        let vector = Blob.vector((0..<dimension).map { Float($0 % 7) / 7 })
        try await TestServer.with({
            $0.dataPath = data.path
            $0.tasteDimension = dimension
        }) { server in
            let client = try await server.connect()
            for line in Self.story {
                let reply = try await client.ask(line)
                #expect(!reply.hasPrefix("-"), "\(line): \(reply)")
            }
            if dimension > 0 {
                for command in [
                    words(of: "ITEM.ADD v KIND post VECTOR taste", vector),
                    words(of: "SIGNAL u LIKE AT 7 VECTOR taste", vector),
                ] { #expect(try await !client.ask(command).hasPrefix("-")) }
            }
            before.set(try await Self.told(by: client))
        }
        let exported = try await Program.run(["export", data.path])
        #expect(exported.status == 0, "\(exported.errors)")
        #expect(exported.output.hasPrefix("{\"cairn\":{"))
        #expect(exported.output.contains("\"topic\":\"hiking\""))
        for field in [
            "\"domains\":[\"shop.example\",\"boots.example\"]", "\"categories\":[\"IAB18-1\"]",
            "\"taxonomy\":7", "\"taxonomy\":65535", "\"creative\":\"spring/7\"",
        ] { #expect(exported.output.contains(field)) }
        let file = try TemporaryFile(exported.output)
        let copy = try DataFolder()
        let imported = try await Program.run(["import", "--data", copy.path, file.path])
        #expect(imported.status == 0, "\(imported.errors)")
        #expect(imported.errors == exported.errors)
        try await TestServer.with({
            $0.dataPath = copy.path
            $0.tasteDimension = dimension
        }) { server in
            let client = try await server.connect()
            #expect(try await Self.told(by: client) == before.value)
        }
        // Once more, from what was imported.
        let again = try await Program.run(["export", copy.path])
        #expect(
            again.output.split(separator: "\n").sorted()
                == exported.output.split(separator: "\n").sorted())
    }

    /// What a client hears of the state.
    private static func told(by client: TestClient) async throws -> [String] {
        var replies: [String] = []
        for line in ["INFO state", "EXPORT u", "ITEM.GET a", "ITEM.GET c", "ITEM.GET d"] {
            replies.append(try await client.ask(line))
        }
        return replies
    }

    @Test func `an import is refused with the line that is wrong`() async throws {
        let data = try DataFolder()
        let file = try TemporaryFile("{\"item\":{}}\n")
        let ended = try await Program.run(["import", "--data", data.path, file.path])
        #expect(ended.status == 65)
        #expect(ended.errors.contains("line 1"))
        let missing = try await Program.run(["export", "/nonexistent/data"])
        #expect(missing.status == 73)
    }
}
