import Foundation
import Testing

/// Directories that a server must not serve from, and disks that take no more.
@Suite(.serialized) struct DataFaultTests {
    private static let gateless = "[text]\ngate = \"/nonexistent\"\n"

    private func serve(
        _ data: String, _ more: [String] = [], fileBlocksMax: Int? = nil
    ) throws -> (program: Program, config: TemporaryFile) {
        let config = try TemporaryFile(Self.gateless)
        let program = try Program(
            ["serve", "--port", "0", "--data", data, "--config", config.path] + more,
            fileBlocksMax: fileBlocksMax)
        return (program, config)
    }

    /// The run of a server that ends by itself.
    private func refusal(_ data: String) async throws -> Program.Ended {
        let config = try TemporaryFile(Self.gateless)
        return try await Program.run(
            ["serve", "--port", "0", "--data", data, "--config", config.path])
    }

    /// A directory with a hundred items, left as a stop or a kill leaves it.
    private func filled(endedBy signal: Int32) async throws -> DataFolder {
        let data = try DataFolder()
        let (program, config) = try serve(data.path, ["--durability", "always"])
        defer { _ = config }
        let client = try await TestClient.connect(to: try await program.port())
        try await client.send((0..<100).flatMap { encoded("ITEM.ADD i\($0) KIND post") })
        for _ in 0..<100 { #expect(try await client.reply() == "+OK") }
        _ = await program.end(by: signal)
        return data
    }

    @Test func `a second server on a directory is refused with the first one's pid`() async throws {
        let data = try DataFolder()
        let (program, config) = try serve(data.path)
        defer { _ = config }
        _ = try await program.port()
        let ended = try await refusal(data.path)
        #expect(ended.status == 69)
        #expect(
            ended.errors.contains("'\(data.path)' is in use by process \(program.identifier)"))
        #expect(await program.end(by: SIGTERM).status == 0)
    }

    @Test func `a missing directory, and one of something else, are refused`() async throws {
        let missing = try await refusal("/nonexistent/data")
        #expect(missing.status == 73)
        #expect(missing.errors.contains("there is no directory '/nonexistent/data'"))
        let other = try DataFolder()
        try other.put([1], "letter.txt")
        let ended = try await refusal(other.path)
        #expect(ended.status == 65)
        #expect(ended.errors.contains("is neither empty nor a journal"))
    }

    @Test func `a newer format is refused by name`() async throws {
        let data = try await filled(endedBy: SIGTERM)
        try data.put(Array("cairn journal 9\n".utf8), "format")
        let ended = try await refusal(data.path)
        #expect(ended.status == 65)
        #expect(ended.errors.contains("says format 9, and this version reads up to 1"))
        let checked = try await Program.run(["check", data.path])
        #expect(checked.status == 65)
    }

    @Test func `a flipped bit is refused by name, and cut off by check --repair`() async throws {
        let data = try await filled(endedBy: SIGTERM)
        let name = try #require(try data.names(".sqlite").first)
        var bytes = try data.bytes(name)
        // In the middle of the records.
        let place = try #require(
            bytes.indices.first {
                bytes[$0...].starts(with: Array("i70".utf8))
            })
        bytes[place] ^= 4
        try data.put(bytes, name)
        let ended = try await refusal(data.path)
        #expect(ended.status == 65)
        #expect(ended.errors.contains("\(name) is damaged"))
        #expect(ended.errors.contains("cairn check --repair \(data.path)"))
        #expect(ended.output.isEmpty)
        let checked = try await Program.run(["check", data.path])
        #expect(checked.status == 65)
        #expect(checked.output.contains("\(name) is damaged"))
        let repaired = try await Program.run(["check", "--repair", data.path])
        #expect(repaired.status == 0, "\(repaired.errors)")
        #expect(repaired.output.contains("lost"))
        #expect(try await Program.run(["check", data.path]).status == 0)
        let (program, config) = try serve(data.path)
        defer { _ = config }
        let client = try await TestClient.connect(to: try await program.port())
        #expect(try await client.ask("ITEM.GET i99") == "nil")
        #expect(await program.end(by: SIGTERM).status == 0)
    }

    @Test func `a torn last write is cut off, and the rest is served`() async throws {
        let data = try await filled(endedBy: SIGKILL)
        let name = try #require(
            try data.names("-wal").first { (try? data.bytes($0).count) ?? 0 > 0 })
        try data.put(try data.bytes(name) + Array(repeating: 7, count: 1_000), name)
        let (program, config) = try serve(data.path)
        defer { _ = config }
        let client = try await TestClient.connect(to: try await program.port())
        #expect(try await client.ask("ITEM.GET i99") != "nil")
        let ended = await program.end(by: SIGTERM)
        #expect(ended.errors.contains("its last write did not finish"))
    }

    @Test(
        .enabled(
            if: ProcessInfo.processInfo.environment["CAIRN_SANITIZER"] != "thread",
            "the sanitizer itself writes a file as a program starts"),
        arguments: ["always", "everysec"])
    func `a full disk refuses changes, answers reads, and recovers`(_ mode: String) async throws {
        let data = try DataFolder()
        let (program, config) = try serve(
            data.path, ["--durability", mode], fileBlocksMax: 300)
        defer { _ = config }
        let client = try await TestClient.connect(to: try await program.port())
        var kept = 0
        var refusal = ""
        for number in 0..<2_000 where refusal.isEmpty {
            let text = String(repeating: "x", count: 900)
            let reply = try await client.ask(
                "ITEM.ADD i\(number) KIND post AUTHOR a TOPICS hiking "
                    + "CREATED \(number) EXPIRES 99999999999 TEXT \(text)")
            if reply == "+OK" { kept += 1 } else { refusal = reply }
            if mode == "everysec" { try await Task.sleep(for: .milliseconds(5)) }
        }
        #expect(refusal.hasPrefix("-MISCONF the change is not kept: "), "\(refusal)")
        #expect(kept > 10)
        // Reads go on, and memory is not ahead.
        #expect(try await client.ask("ITEM.GET i\(kept - 1)") != "nil")
        #expect(try await client.ask("ITEM.GET i\(kept)") == "nil")
        #expect(try await client.ask("RANK u SURFACE feed TOP 1").hasPrefix("["))
        try program.liftFileLimit()
        var reply = ""
        for _ in 0..<1_000 {
            reply = try await client.ask("ITEM.ADD later KIND post")
            if reply == "+OK" { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(reply == "+OK")
        _ = await program.end(by: mode == "always" ? SIGKILL : SIGTERM)
        let (again, config2) = try serve(data.path)
        defer { _ = config2 }
        let reader = try await TestClient.connect(to: try await again.port())
        #expect(try await reader.ask("ITEM.GET i\(kept - 1)") != "nil")
        #expect(try await reader.ask("ITEM.GET later") != "nil")
        #expect(await again.end(by: SIGTERM).status == 0)
    }

    @Test(
        .enabled(if: TinyDisk.isPossible, "mounting a file system takes root's rights"),
        arguments: ["always", "everysec", "off"])
    func `a file system without room refuses changes, answers reads, and recovers`(
        _ mode: String
    ) async throws {
        let disk = try TinyDisk(bytes: 4 << 20)
        let (program, config) = try serve(disk.data, ["--durability", mode])
        defer { _ = config }
        let client = try await TestClient.connect(to: try await program.port())
        try disk.fill(3 << 20)
        let text = String(repeating: "x", count: 900)
        var kept = 0
        var refusal = ""
        for number in 0..<20_000 where refusal.isEmpty {
            let reply = try await client.ask("ITEM.ADD i\(number) KIND post TEXT \(text)")
            if reply == "+OK" { kept += 1 } else { refusal = reply }
        }
        #expect(refusal.hasPrefix("-MISCONF the change is not kept: "), "\(refusal)")
        #expect(refusal.contains("full") || refusal.contains("No space"), "\(refusal)")
        #expect(kept > 10)
        #expect(try await client.ask("ITEM.GET i\(kept - 1)") != "nil")
        #expect(try await client.ask("ITEM.GET i\(kept)") == "nil")
        #expect(try await client.ask("RANK u SURFACE feed TOP 1").hasPrefix("["))
        #expect(try await !client.ask("INFO persistence").contains("\nfailure:none"))
        // Not even a snapshot has room; it says so, and harms nothing.
        #expect(try await client.ask("SNAPSHOT") == "+STARTED")
        #expect(try await client.ask("ITEM.GET i0") != "nil")
        try disk.makeRoom()
        var reply = ""
        for _ in 0..<1_000 {
            reply = try await client.ask("ITEM.ADD later KIND post")
            if reply == "+OK" { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(reply == "+OK")
        _ = await program.end(by: mode == "always" ? SIGKILL : SIGTERM)
        #expect(try await Program.run(["check", disk.data]).status == 0)
        let (again, config2) = try serve(disk.data)
        defer { _ = config2 }
        let reader = try await TestClient.connect(to: try await again.port())
        #expect(try await reader.ask("ITEM.GET i\(kept - 1)") != "nil")
        #expect(try await reader.ask("ITEM.GET later") != "nil")
        #expect(await again.end(by: SIGTERM).status == 0)
    }

    @Test func `while the data are read commands are answered LOADING`() async throws {
        let data = try DataFolder()
        let first = try serve(data.path)
        let client = try await TestClient.connect(to: try await first.program.port())
        for _ in 0..<20 {
            try await client.send(
                (0..<1_000).flatMap { encoded("USER.SET u\($0) REGION US NOTICE \($0)") })
            for _ in 0..<1_000 { #expect(try await client.reply() == "+OK") }
        }
        #expect(await first.program.end(by: SIGTERM).status == 0)
        let port = 20_000 + Int(getpid()) % 20_000
        let again = try serve(data.path, ["--port", "\(port)"])
        var early: TestClient?
        while early == nil {
            early = try? await TestClient.connect(to: port)
            try await Task.sleep(for: .milliseconds(1))
        }
        let asking = try #require(early)
        #expect(try await asking.ask("RANK u SURFACE feed") == "-LOADING Cairn is loading the data")
        #expect(try await asking.ask("PING") == "+PONG")
        _ = try await again.program.port()
        #expect(try await asking.ask("USER.GET u7") != "nil")
        #expect(try await asking.ask("INFO persistence").contains("loading:0"))
        let ended = await again.program.end(by: SIGTERM)
        #expect(ended.errors.contains("loaded"))
    }

    @Test func `times that go backwards are kept as they came`() async throws {
        let data = try DataFolder()
        let first = try serve(data.path)
        let client = try await TestClient.connect(to: try await first.program.port())
        #expect(try await client.ask("ITEM.ADD a KIND post") == "+OK")
        for number in 0..<50 {
            let at = 1_800_000_000_000 - number * 86_400_000
            #expect(try await client.ask("USER.SET u REGION US AT \(at)") == "+OK")
            #expect(
                try await client.ask("SIGNAL u LIKE ITEM a AT \(at - 50_000_000_000)") == "+USED")
        }
        let export = try await client.ask("EXPORT u")
        let state = try await client.ask("INFO state")
        #expect(await first.program.end(by: SIGKILL).status != 0)
        let again = try serve(data.path)
        let reader = try await TestClient.connect(to: try await again.program.port())
        #expect(try await reader.ask("EXPORT u") == export)
        #expect(try await reader.ask("INFO state") == state)
        #expect(await again.program.end(by: SIGTERM).status == 0)
    }
}
