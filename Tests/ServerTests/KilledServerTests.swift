import Foundation
import Testing

/// A server that is killed at random moments under load, and clients that remember what it answered.
@Suite(.serialized) struct KilledServerTests {
    /// Of each mode; the long step of CI sets more.
    private static let rounds =
        ProcessInfo.processInfo.environment["CAIRN_KILL_ROUNDS"].flatMap(Int.init) ?? 10
    private static let clients = 4
    /// Commands that a client sends before it reads the replies.
    private static let batch = 8

    /// What one client has sent, and how much of it was answered, when.
    private struct Memory: Sendable {
        let user: String
        var sent = 0
        /// When each was answered, by its number.
        var answers: [ContinuousClock.Instant] = []
    }

    @Test(arguments: ["always", "everysec"])
    func `what was answered is there after a kill, in order and whole`(
        _ mode: String
    ) async throws {
        var random = SeededRandom(seed: 11)
        let data = try DataFolder()
        // Without a gate a server starts at once; snapshots come along every 100 KB.
        let config = try TemporaryFile(
            """
            [text]
            gate = "/nonexistent"
            [data]
            snapshot_segment_bytes = 100000
            """)
        let arguments = [
            "serve", "--port", "0", "--data", data.path, "--durability", mode, "--config",
            config.path,
        ]
        var remembered: [Memory] = []
        var killed: ContinuousClock.Instant?
        for round in 0...Self.rounds {
            let program = try Program(arguments)
            let port = try await program.port()
            if let killed {
                try await check(remembered, killed: killed, mode: mode, port: port, round: round)
            }
            guard round < Self.rounds else {
                #expect(await program.end(by: SIGTERM).status == 0)
                break
            }
            let milliseconds = Int.random(in: 0..<400, using: &random)
            remembered = try await withThrowingTaskGroup(of: Memory.self) { tasks in
                for client in 0..<Self.clients {
                    tasks.addTask { try await load("u\(round)-\(client)", port: port) }
                }
                try await Task.sleep(for: .milliseconds(milliseconds))
                killed = ContinuousClock.now
                _ = await program.end(by: SIGKILL)
                return try await tasks.reduce(into: []) { $0.append($1) }
            }
        }
        // What remains is sound to the last byte.
        let checked = try await Program.run(["check", data.path])
        #expect(checked.status == 0, "\(checked.output)\(checked.errors)")
    }

    /// Sends a user's signals, each of an item and a time of its own, until the server is gone.
    private func load(_ user: String, port: Int) async throws -> Memory {
        var memory = Memory(user: user)
        guard let client = try? await TestClient.connect(to: port) else { return memory }
        do {
            // Its kind of signal keeps 512: no more are sent.
            while memory.sent < 480 {
                var bytes: [UInt8] = []
                let numbers = memory.sent..<memory.sent + Self.batch
                for number in numbers {
                    bytes += encoded("ITEM.ADD \(user)-\(number) KIND post BID \(number)")
                    bytes += encoded(
                        "SIGNAL \(user) LIKE ITEM \(user)-\(number) ID e\(number) AT \(number + 1)")
                }
                memory.sent = numbers.upperBound
                try await client.send(bytes)
                for _ in numbers {
                    #expect(try await client.reply() == "+OK")
                    #expect(try await client.reply() == "+USED")
                    memory.answers.append(.now)
                }
            }
            // Waits to be killed.
            _ = try await client.reply()
        } catch is TestClient.Failure {}
        return memory
    }

    private func check(
        _ remembered: [Memory], killed: ContinuousClock.Instant, mode: String, port: Int,
        round: Int
    ) async throws {
        let client = try await TestClient.connect(to: port)
        for memory in remembered {
            let held = try await heldItems(of: memory.user, client)
            // Signals of one connection come in order: what is held is a beginning of what was sent.
            let expected = (0..<held.count).map { "\(memory.user)-\($0)" }
            #expect(held == expected, "round \(round)")
            #expect(held.count <= memory.sent)
            let safe =
                mode == "always"
                ? memory.answers.count
                : memory.answers.count { killed - $0 > .milliseconds(1_500) }
            #expect(held.count >= safe, "round \(round): \(held.count) of \(safe) answered")
            for item in held.suffix(3) {
                #expect(try await client.ask("ITEM.GET \(item)").contains("\"id\", \"\(item)\""))
            }
        }
    }

    private func heldItems(of user: String, _ client: TestClient) async throws -> [String] {
        let reply = try await client.ask("EXPORT \(user)")
        guard reply != "nil" else { return [] }
        let json = try JSONSerialization.jsonObject(with: Data(reply.dropFirst().dropLast().utf8))
        let signals = (json as? [String: Any])?["signals"] as? [[String: Any]] ?? []
        return signals.compactMap { $0["item"] as? String }
    }
}
