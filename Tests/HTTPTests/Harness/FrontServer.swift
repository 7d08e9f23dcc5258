import Logging
import Server
import ServiceLifecycle
import Testing

/// A server of this process with its HTTP side, on free ports of the loopback, for one test.
struct FrontServer {
    let httpPort: Int
    let respPort: Int
    private let group: ServiceGroup

    /// Loaded once for all tests.
    private static let models = Result { () throws(ConfigurationError) in
        try ServerModels.load(gatePath: "")
    }

    /// Starts a server, hands it to `body`, and stops it, whatever `body` does.
    ///
    /// - Parameter change: What differs from the shipped configuration.
    static func with(
        _ change: (inout ServerConfiguration) -> Void = { _ in },
        _ body: @escaping @Sendable (FrontServer) async throws -> Void
    ) async throws {
        var configuration = try ServerConfiguration.shipped()
        configuration.port = 0
        configuration.httpPort = 0
        configuration.eventLoops = 2
        change(&configuration)
        try configuration.check()
        await FrontSlots.shared.take()
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await serve(configuration, body))
        } catch {
            outcome = .failure(error)
        }
        await FrontSlots.shared.giveBack()
        try outcome.get()
    }

    private static func serve(
        _ configuration: ServerConfiguration,
        _ body: @escaping @Sendable (FrontServer) async throws -> Void
    ) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let shared = try CairnServer.shared(configuration, models: models.get(), logger: logger)
        let (ports, port) = AsyncStream<Int>.makeStream()
        let server = CairnServer(
            shared, whenHTTPReady: { port.yield($0.port ?? 0) },
            whenReady: { port.yield($0.port ?? 0) })
        let group = ServiceGroup(services: [server], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { port.finish() }
                try await group.run()
            }
            tasks.addTask {
                var iterator = ports.makeAsyncIterator()
                // Where there is none, the server's own error tells why.
                guard let http = await iterator.next(), let resp = await iterator.next() else {
                    return
                }
                let server = FrontServer(httpPort: http, respPort: resp, group: group)
                do {
                    try await body(server)
                } catch {
                    await group.triggerGracefulShutdown()
                    throw error
                }
                await group.triggerGracefulShutdown()
            }
            try await tasks.waitForAll()
        }
    }

    /// Tells the server to stop, as SIGTERM does.
    func stop() async { await group.triggerGracefulShutdown() }

    func connect() async throws -> SocketClient { try await SocketClient.connect(to: httpPort) }

    /// One request on a connection of its own.
    func ask(
        _ line: String, _ body: String? = nil, headers: [String] = [], type: String? = nil
    ) async throws -> HTTPReply {
        try await connect().ask(line, body, headers: headers, type: type)
    }

    /// One command on a RESP connection of its own, and its reply as it came.
    func resp(_ command: String) async throws -> String {
        let client = try await SocketClient.connect(to: respPort)
        try await client.send(command + "\r\n")
        client.finishSending()
        return String(decoding: try await client.readToEnd(), as: UTF8.self)
    }
}

/// Lets few servers run at once: each has arenas, and the allocator has only so many.
private actor FrontSlots {
    static let shared = FrontSlots()

    private var free = 2
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func take() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    func giveBack() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
