import Domain
import Logging
import Server
import ServiceLifecycle
import Testing

/// A server of this process on a free port of the loopback, for one test.
struct TestServer {
    let port: Int
    let shared: ServerShared
    private let group: ServiceGroup

    /// Loaded once for all tests.
    private static let shippedModels = Result { () throws(ConfigurationError) in
        try ServerModels.load(gatePath: "")
    }

    /// Starts a server, hands it to `body`, and stops it, whatever `body` does.
    ///
    /// - Parameters:
    ///   - change: What differs from the shipped configuration.
    ///   - clock: What the server takes for the time.
    static func with(
        _ change: (inout ServerConfiguration) -> Void = { _ in },
        clock: (@Sendable () -> Timestamp)? = nil,
        _ body: @escaping @Sendable (TestServer) async throws -> Void
    ) async throws {
        var configuration = try ServerConfiguration.shipped()
        configuration.port = 0
        configuration.eventLoops = 2
        change(&configuration)
        try configuration.check()
        await ServerSlots.shared.take()
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await serve(configuration, clock, body))
        } catch {
            outcome = .failure(error)
        }
        await ServerSlots.shared.giveBack()
        try outcome.get()
    }

    private static func serve(
        _ configuration: ServerConfiguration, _ clock: (@Sendable () -> Timestamp)?,
        _ body: @escaping @Sendable (TestServer) async throws -> Void
    ) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let models =
            try configuration.gatePath.isEmpty
            ? shippedModels.get() : ServerModels.load(gatePath: configuration.gatePath)
        let shared = try CairnServer.shared(
            configuration, models: models, logger: logger, clock: clock)
        let (ports, port) = AsyncStream<Int>.makeStream()
        let server = CairnServer(shared) { address in port.yield(address.port ?? 0) }
        let group = ServiceGroup(services: [server], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { port.finish() }
                try await group.run()
            }
            tasks.addTask {
                let bound = try #require(await ports.first { _ in true })
                let server = TestServer(port: bound, shared: shared, group: group)
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

    func connect() async throws -> TestClient { try await TestClient.connect(to: port) }

    /// The value of a line of `INFO`.
    ///
    /// - Parameter client: Whom to ask; `nil` is a connection of its own.
    func info(_ name: String, through client: TestClient? = nil) async throws -> String {
        let asking = if let client { client } else { try await connect() }
        let text = try await asking.ask("INFO")
        return try #require(
            text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("\(name):") }
        ).dropFirst(name.count + 1).description
    }

    /// Waits until a line of `INFO` has the value; fails when it never has.
    func expectInfo(
        _ name: String, is value: String, through client: TestClient? = nil
    ) async throws {
        var last = ""
        for _ in 0..<1_500 {
            last = try await info(name, through: client)
            if last == value { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("\(name) stays at \(last), expected \(value)")
    }
}

/// Lets a few servers run at once: each has arenas for all its users' shards, and the allocator has
/// only so many.
private actor ServerSlots {
    static let shared = ServerSlots()

    private var free = 4
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
