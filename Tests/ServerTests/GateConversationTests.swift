import Foundation
import Server
import Testing

/// Texts that only the sensitive gate can judge: read by workers, in the order of their commands.
@Suite struct GateConversationTests {
    private static let user =
        "USER.SET u REGION US NOTICE 2025-10-07T00:00:00Z AT 2025-10-07T00:00:00Z"
    private static let at = "AT 2026-01-01T00:00:00Z"

    @Test func `replies keep the order of their commands while workers read`() async throws {
        try await TestServer.with { server in
            let client = try await server.connect()
            let chats = ["which trekking poles for the Alps", "a bread oven for the garden"]
            var bytes = encoded(Self.user)
            for number in 0..<6 {
                bytes += encoded(
                    "SIGNAL u CHAT TEXT \"\(chats[number % 2])\" ID e\(number / 2) \(Self.at)")
                bytes += encoded("PING \(number)")
            }
            try await client.send(bytes)
            #expect(try await client.reply() == "+OK")
            for number in 0..<6 {
                let signal = try await client.reply()
                #expect(signal == (number % 2 == 0 ? "+USED" : "+IGNORED duplicate"))
                #expect(try await client.reply() == "\"\(number)\"")
            }
        }
    }

    @Test func `a chat is read and written on one connection while others go on`() async throws {
        try await TestServer.with { server in
            let client = try await server.connect()
            #expect(try await client.ask(Self.user) == "+OK")
            let other = try await server.connect()
            try await client.send(
                encoded("SIGNAL u CHAT TEXT \"new strings for a cello\" \(Self.at)"))
            #expect(try await other.ask("PING") == "+PONG")
            #expect(try await client.reply() == "+USED")
            #expect(try await other.ask("USER.GET u").contains("\"chat\", :1"))
        }
    }

    @Test func `an item is judged once while its text stays`() async throws {
        try await TestServer.with { server in
            let client = try await server.connect()
            let item = "ITEM.ADD ad:1 KIND ad TEXT \"Chemotherapy clinic\""
            #expect(try await client.ask(item) == "+OK flagged health")
            #expect(try await client.ask("\(item) BID 5") == "+OK flagged health")
            #expect(
                try await client.ask(
                    "ITEM.ADD ad:1 KIND ad TEXT \"Bicycle repair, bring your bike\"")
                    == "+OK")
            #expect(try await client.ask(item) == "+OK flagged health")
        }
    }

    @Test func `a catalogue is loaded with texts`() async throws {
        try await TestServer.with { server in
            let client = try await server.connect()
            try await client.send(
                encoded("CATALOGUE.BEGIN")
                    + encoded("ITEM.ADD group:1 KIND group TEXT \"Alpine hikers of Bavaria\"")
                    + encoded("ITEM.GET group:1") + encoded("CATALOGUE.COMMIT"))
            for expected in ["+OK", "+OK", "nil", "+OK"] {
                #expect(try await client.reply() == expected)
            }
            #expect(try await client.ask("ITEM.GET group:1").contains("Bavaria"))
        }
    }

    @Test func `whoever drops while an item of its catalogue is read harms no one`() async throws {
        try await TestServer.with { server in
            let client = try await server.connect()
            for number in 0..<20 {
                let other = try await server.connect()
                try await other.send(
                    encoded("CATALOGUE.BEGIN")
                        + encoded("ITEM.ADD a\(number) KIND ad TEXT \"New tyres, set \(number)\""))
                _ = try await other.reply()
                other.disconnect()
            }
            try await server.expectInfo("connected_clients", is: "1", through: client)
            #expect(try await client.ask("CATALOGUE.BEGIN") == "+OK")
            #expect(try await client.ask("CATALOGUE.ABORT") == "+OK")
        }
    }

    @Test func `one item changed on two connections at once is judged each time`() async throws {
        try await TestServer.with { server in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for text in ["Bicycle tyres and tubes", "Chemotherapy clinic"] {
                    group.addTask {
                        let client = try await server.connect()
                        let expected = text.hasPrefix("Chemo") ? "+OK flagged health" : "+OK"
                        let command = encoded("ITEM.ADD a KIND ad TEXT \"\(text)\"")
                        try await client.send(Array(repeating: command, count: 12).flatMap { $0 })
                        for _ in 0..<12 { #expect(try await client.reply() == expected) }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func `without the gate no chat's text is used, and INFO says so`() async throws {
        try await TestServer.with({ $0.gatePath = "/no/such/gate" }) { server in
            let client = try await server.connect()
            #expect(try await client.ask(Self.user) == "+OK")
            #expect(try await server.info("gate") == "missing, no chat is used")
            #expect(
                try await client.ask("SIGNAL u CHAT TEXT \"boots for a hike\" \(Self.at)")
                    == "+IGNORED sensitive")
            // A topic of the list needs no gate: whoever named it has judged.
            #expect(try await client.ask("SIGNAL u CHAT TOPIC hiking \(Self.at)") == "+USED")
            #expect(
                try await client.ask("ITEM.ADD a KIND ad TEXT \"Living with diabetes\"")
                    == "+OK flagged health")
            let plain = try await client.ask("RANK u SURFACE ads \(Self.at)")
            #expect(
                try await client.ask("RANK u SURFACE ads \(Self.at) CONTEXT TEXT \"a long hike\"")
                    == plain)
        }
    }

    @Test func `a damaged gate is refused at start, by name`() throws {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("gate-\(UUID().uuidString).bundle").path
        #expect(FileManager.default.createFile(atPath: path, contents: Data("CAIRNGAT".utf8)))
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(
            throws: ConfigurationError("text.gate", "gate has 8 bytes, too few for a header")
        ) {
            try ServerModels.load(gatePath: path)
        }
    }
}
