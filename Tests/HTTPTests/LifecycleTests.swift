import Foundation
import Journal
import Logging
import NIOCore
import Testing

@testable import Server

/// Beginning and end.
@Suite struct LifecycleTests {
    @Test func `health and readiness are told`() async throws {
        try await FrontServer.with { server in
            let client = try await server.connect()
            #expect(try await client.ask("GET /healthz").body == #"{"status":"ok"}"#)
            #expect(try await client.ask("GET /readyz").body == #"{"status":"ready"}"#)
            #expect(
                try await server.resp("INFO server").contains("http_port:\(server.httpPort)\r\n"))
        }
    }

    @Test func `while the data are read the server is alive and not ready`() async throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("cairn-ready-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        var configuration = try ServerConfiguration.shipped()
        configuration.dataPath = folder.path
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let shared = try CairnServer.shared(
            configuration, models: ServerModels.load(gatePath: ""), logger: logger)
        let commands = FrontCommands(shared, loops: [])
        commands.isReady = true
        #expect(!commands.isReady)
        #expect(String(buffer: await commands.metrics()).contains("\ncairn_loading 1\n"))
        #expect(String(buffer: await commands.metrics()).contains("\ncairn_ready 0\n"))
        shared.endLoading()
        #expect(commands.isReady)
        try shared.store?.journal.close()
    }

    @Test func `while connections drain the server is alive and not ready`() async throws {
        try await FrontServer.with { server in
            // Leaves more unread than the sockets hold, so that its connection cannot end yet.
            let slow = try await SocketClient.connect(to: server.respPort)
            let (commands, bytes) = (24, 1 << 20)
            let echo =
                "*2\r\n$4\r\nECHO\r\n$\(bytes)\r\n\(String(repeating: "x", count: bytes))\r\n"
            for _ in 0..<commands { try await slow.send(echo) }
            var (carriedOut, asked) = (0, 0)
            while carriedOut - asked < commands {
                asked += 1
                let lines = try await server.resp("INFO stats").split(separator: "\r\n")
                let line = lines.first { $0.hasPrefix("total_commands_processed:") }
                carriedOut = line.flatMap { Int($0.drop { $0 != ":" }.dropFirst()) } ?? 0
            }
            let client = try await server.connect()
            #expect(try await client.ask("GET /readyz").status == 200)
            await server.stop()
            var status = 200
            while status == 200 { status = try await client.ask("GET /readyz").status }
            #expect(status == 503)
            #expect(try await client.ask("GET /healthz").status == 200)
            #expect(try await client.ask("GET /metrics").body.contains("\ncairn_ready 0\n"))
            #expect(try await slow.readToEnd().count > commands * bytes)
            #expect(try await client.readToEnd().isEmpty)
        }
    }

    @Test func `a request in flight is answered before the server ends`() async throws {
        try await FrontServer.with { server in
            let client = try await server.connect()
            let line = #"{"id":"a","kind":"group"}"# + "\n"
            try await client.send(
                "POST /v1/items HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-ndjson\r\n"
                    + "Content-Length: \(2 * line.utf8.count)\r\n\r\n" + line)
            var received = String(decoding: try await client.some(), as: UTF8.self)
            await server.stop()
            try await client.send(line)
            received += String(decoding: try await client.readToEnd(), as: UTF8.self)
            #expect(received.contains(#""added":2,"flagged":0,"failed":0,"complete":true"#))
        }
    }

    @Test func `an idle connection does not hold the end up`() async throws {
        try await FrontServer.with { server in
            let client = try await server.connect()
            #expect(try await client.ask("GET /healthz").status == 200)
            await server.stop()
            #expect(try await client.readToEnd().isEmpty)
        }
    }

    @Test func `a port that is taken is told`() async throws {
        try await FrontServer.with { server in
            let taken = server.httpPort
            await #expect {
                try await FrontServer.with({ $0.httpPort = taken }) { _ in }
            } throws: { error in
                guard case CairnServer.Failure.bind(let address, _) = error else { return false }
                return address == "127.0.0.1:\(taken)"
            }
        }
    }

    @Test func `without a port there is no HTTP, and beyond loopback there is a password`() throws {
        var configuration = try ServerConfiguration.shipped()
        #expect(configuration.httpPort == nil)
        try configuration.apply(toml: "[server]\nhttp_port = 0\nhttp_bind = \"0.0.0.0\"\n")
        #expect(throws: ConfigurationError.self) { try configuration.check() }
        configuration.password = "x"
        try configuration.check()
        configuration.httpPort = 65_536
        #expect(
            throws: ConfigurationError("server.http_port", "65536 is not a port")
        ) { try configuration.check() }
    }
}
