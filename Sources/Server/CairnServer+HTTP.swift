import Domain
import HTTP
import NIOCore
import ServiceLifecycle
import Synchronization

/// The HTTP front beside RESP: bound before it, and over when its requests are answered.
extension CairnServer {
    /// Runs `body` beside the HTTP front, if the configuration has one.
    func besideFront(
        on group: any EventLoopGroup, _ loops: [NIOLoopBound<LoopState>],
        _ body: () async throws -> Void
    ) async throws {
        let configuration = shared.configuration
        guard let port = configuration.httpPort else { return try await body() }
        let commands = FrontCommands(shared, loops: loops)
        let front = HTTPFront(
            host: configuration.httpBind, port: port, connectionsMax: configuration.connectionsMax,
            service: commands, logger: shared.logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            let bound = group.next().makePromise(of: SocketAddress.self)
            tasks.addTask {
                do {
                    try await Self.run(front, on: group) { bound.succeed($0) }
                    bound.fail(CancellationError())
                } catch {
                    bound.fail(error)
                    throw error
                }
            }
            let address: SocketAddress
            do {
                address = try await bound.futureResult.get()
            } catch {
                throw Failure.bind(
                    address: "\(configuration.httpBind):\(port)", reason: "\(error)")
            }
            shared.boundHTTPPort.store(address.port ?? 0, ordering: .relaxed)
            whenHTTPReady(address)
            commands.isReady = true
            try await withGracefulShutdownHandler {
                try await body()
                try await tasks.waitForAll()
            } onGracefulShutdown: {
                commands.isReady = false
            }
        }
    }

    /// Cuts off what is not answered some time after the server was told to stop.
    private static func run(
        _ front: HTTPFront, on group: any EventLoopGroup,
        whenBound: @escaping @Sendable (SocketAddress) -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Bool.self) { tasks in
            tasks.addTask {
                try await front.run(on: group, whenBound: whenBound)
                return true
            }
            tasks.addTask {
                try await gracefulShutdown()
                try await Task.sleep(for: .seconds(Limits.drainSeconds))
                return false
            }
            _ = try await tasks.next()
            tasks.cancelAll()
        }
    }
}
