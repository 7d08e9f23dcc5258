import Foundation
import Testing

/// What the program writes to its log: never what people say, and nobody's name unless it is asked
/// for more than an operator reads every day.
@Suite(.serialized) struct LogTests {
    private static let secret = "planning a hike in the Dolomites, which boots?"

    /// The log of a run with chats, rankings and errors, in which every command is slow.
    private func log(_ arguments: [String]) async throws -> String {
        let config = try TemporaryFile("[server]\nslow_request_microseconds = 0\n")
        let program = try Program(
            ["serve", "--port", "0", "--config", config.path] + arguments)
        let client = try await TestClient.connect(to: try await program.port())
        for line in [
            "ITEM.ADD ad:boots KIND ad BID 2500000 TEXT \"Waterproof hiking boots\"",
            "USER.SET heinrich REGION US NOTICE 2025-10-07T00:00:00Z AT 2025-10-07T00:00:00Z",
            "SIGNAL heinrich CHAT TEXT \"\(Self.secret)\" AT 2026-01-01T00:00:00Z ID event:7",
            "SIGNAL heinrich CHAT TEXT \"\(Self.secret)\" FLY 3",
            "RANK heinrich SURFACE ads TOP 2 CONTEXT TEXT \"\(Self.secret)\"",
            "EXPLAIN heinrich ad:boots SURFACE ads",
            "RANK heinrich SURFACE nowhere",
            "EXPORT heinrich", "RETRACT heinrich event:7", "FORGET heinrich",
            "*1\r\n$x",
        ] { _ = try await client.ask(line) }
        let ended = await program.end(by: SIGTERM)
        #expect(ended.status == 0)
        #expect(!ended.errors.isEmpty)
        return ended.errors
    }

    @Test(arguments: ["text", "json"])
    func `at info level there is no name, and no text of a chat`(format: String) async throws {
        let log = try await log(["--log-format", format])
        #expect(log.contains("slow ranking") && log.contains("slow command"))
        for name in ["Dolomites", "hike", "hiking", "heinrich", "ad:boots", "event:7"] {
            #expect(!log.contains(name), "\(name)")
        }
    }

    @Test func `at trace level there are names, and no text of a chat`() async throws {
        let log = try await log(["--log-level", "trace"])
        #expect(log.contains("heinrich") && log.contains("ad:boots"))
        #expect(!log.contains("Dolomites") && !log.contains("which boots"))
    }

    @Test func `each line is one JSON object when it is asked for`() async throws {
        let log = try await log(["--log-format", "json", "--log-level", "debug"])
        let lines = log.split(separator: "\n")
        #expect(lines.count > 5)
        for line in lines {
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            #expect(object["logger"] as? String == "cairn")
            #expect((object["time"] as? String)?.hasSuffix("Z") == true)
            #expect(object["level"] is String && object["message"] is String)
        }
        #expect(log.contains("\"message\":\"slow ranking\""))
    }

    @Test func `another format is refused`() async throws {
        let ended = try await Program.run(["serve", "--log-format", "xml"])
        #expect(ended.status != 0)
        #expect(ended.errors.contains("text") && ended.errors.contains("json"))
    }
}
