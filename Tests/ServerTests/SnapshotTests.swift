import Foundation
import Server
import Testing

/// Snapshots stand for what came before them, and take what they cover off the disk.
@Suite(.serialized) struct SnapshotTests {
    private func fill(_ client: TestClient) async throws {
        for line in [
            "ITEM.ADD a KIND post TEXT \"A cello concert\"", "ITEM.ADD b KIND post",
            "USER.SET u REGION US NOTICE 2025-10-07T00:00:00Z LINKS x,y,app",
            "SIGNAL u LIKE ITEM a ID e1 AT 1000", "SIGNAL u VIEW ITEM b ID e2 AT 2000",
            "SIGNAL u CHAT TOPIC hiking PRODUCT x ID e3 AT 2026-02-01T00:00:00Z",
            "SIGNAL u IMPRESSION ITEM a AT 3000", "SUPPRESS u TOPIC cooking",
            "SIGNAL forgotten-user LIKE ITEM a ID e9 AT 1000",
            "SURFACE.SET feed BIAS 2", "ITEM.DEL b",
        ] {
            let reply = try await client.ask(line)
            #expect(!reply.hasPrefix("-"), "\(line): \(reply)")
        }
    }

    private func snapshot(_ server: TestServer, _ client: TestClient) async throws {
        #expect(try await client.ask("SNAPSHOT") == "+STARTED")
        let last = try await server.info("last_sequence", through: client)
        try await server.expectInfo("snapshot_in_progress", is: "0", through: client)
        #expect(try await server.info("snapshot_last_failure", through: client) == "none")
        #expect(try await server.info("snapshot_sequence", through: client) == last)
    }

    @Test(arguments: ["always", "everysec", "off"])
    func `a restart reads the snapshot and what came after it`(_ mode: String) async throws {
        let data = try DataFolder()
        let before = Captured<[String]>([])
        let use: @Sendable (inout ServerConfiguration) -> Void = { configuration in
            configuration.dataPath = data.path
            try? configuration.use(durability: mode, of: "test")
        }
        let questions = [
            "EXPORT u", "INFO state", "RANK u SURFACE feed AT 5000", "SURFACE.GET feed",
        ]
        try await TestServer.with(use) { server in
            let client = try await server.connect()
            #expect(try await client.ask("LASTSAVE") == ":0")
            try await fill(client)
            try await snapshot(server, client)
            #expect(try await client.ask("LASTSAVE") != ":0")
            #expect(try await client.ask("SIGNAL u LIKE ITEM a ID later AT 4000") == "+USED")
            var answers: [String] = []
            for question in questions { answers.append(try await client.ask(question)) }
            before.set(answers)
        }
        try await TestServer.with(use) { server in
            let client = try await server.connect()
            for (question, answer) in zip(questions, before.value) {
                #expect(try await client.ask(question) == answer, "\(question)")
            }
            #expect(try await client.ask("LASTSAVE") != ":0")
            #expect(
                try await client.ask("SIGNAL u LIKE ITEM a ID e1 AT 1000") == "+IGNORED duplicate")
        }
    }

    @Test func `what a user took back is off the disk after the next snapshot`() async throws {
        let data = try DataFolder()
        try await TestServer.with({ $0.dataPath = data.path }) { server in
            let client = try await server.connect()
            try await fill(client)
            try await snapshot(server, client)
            #expect(try await client.ask("FORGET forgotten-user") == ":1")
            #expect(
                String(decoding: try data.everything(), as: UTF8.self).contains("forgotten-user"))
            try await snapshot(server, client)
        }
        // The journal removes what is covered in the background, and is done when it is closed.
        let text = String(decoding: try data.everything(), as: UTF8.self)
        #expect(!text.contains("forgotten-user"))
        #expect(try data.names().count { $0.hasPrefix("snapshot-") } == 1)
    }

    @Test func `one is written by itself when enough has been journalled, and at a stop`()
        async throws
    {
        let data = try DataFolder()
        try await TestServer.with({
            $0.dataPath = data.path
            $0.snapshotSegmentBytes = 1_000
            $0.snapshotAtStop = true
        }) { server in
            let client = try await server.connect()
            for number in 0..<60 {
                #expect(try await client.ask("ITEM.ADD item-\(number) KIND post") == "+OK")
            }
            for _ in 0..<1_500 {
                if try await server.info("snapshot_sequence", through: client) != "0" { break }
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(try await server.info("snapshot_sequence", through: client) != "0")
            #expect(try await client.ask("ITEM.ADD last KIND post") == "+OK")
        }
        #expect(try data.names().contains { $0.hasSuffix("-00000000000000000062") })
    }

    @Test func `a server without data says so`() async throws {
        try await Conversation(
            "no data",
            [
                .init("SNAPSHOT", "-ERR this server keeps nothing: start it with --data DIR"),
                .init("LASTSAVE", ":0"),
            ]
        ).play()
    }
}
