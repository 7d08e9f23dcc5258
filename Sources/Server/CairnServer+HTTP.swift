import Domain
import HTTP
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// The HTTP front beside RESP: bound before it, and over when its requests are answered.
extension CairnServer {
    /// Runs `body` beside the HTTP front, if the configuration has one.
    ///
    /// The front outlives `body`: while RESP's connections drain, whoever asks `/readyz` is told not
    /// to send more, instead of being turned away at the door.
    func besideFront(
        on group: any EventLoopGroup, _ loops: [NIOLoopBound<LoopState>],
        _ body: () async throws -> Void
    ) async throws {
        let configuration = shared.configuration
        guard let port = configuration.httpPort else { return try await body() }
        let commands = FrontCommands(shared, loops: loops)
        let bound = group.next().makePromise(of: SocketAddress.self)
        let front = FrontService(
            front: HTTPFront(
                host: configuration.httpBind, port: port,
                connectionsMax: configuration.connectionsMax, service: commands,
                metrics: shared.metrics, logger: shared.logger),
            group: group, bound: bound)
        var logger = shared.logger
        logger.logLevel = max(logger.logLevel, .notice)
        let services = ServiceGroup(services: [front], logger: logger)
        // Apart from the task that is told to stop: the front is told when it is its turn.
        let running = Task.detached { try await services.run() }
        let address: SocketAddress
        do {
            address = try await bound.futureResult.get()
        } catch {
            _ = await running.result
            throw Failure.bind(address: "\(configuration.httpBind):\(port)", reason: "\(error)")
        }
        shared.boundHTTPPort.store(address.port ?? 0, ordering: .relaxed)
        whenHTTPReady(address)
        commands.isReady = true
        let outcome: Result<Void, any Error> = await withGracefulShutdownHandler {
            do { return .success(try await body()) } catch { return .failure(error) }
        } onGracefulShutdown: {
            commands.isReady = false
        }
        commands.isReady = false
        await services.triggerGracefulShutdown()
        let ending = await running.result
        try outcome.get()
        try ending.get()
    }
}

/// The front as a service, cut off where it does not answer some time after it was told to stop.
private struct FrontService: Service {
    let front: HTTPFront
    let group: any EventLoopGroup
    let bound: EventLoopPromise<SocketAddress>

    func run() async throws {
        do {
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await front.run(on: group) { bound.succeed($0) } }
                tasks.addTask {
                    try await gracefulShutdown()
                    try await Task.sleep(for: .seconds(Limits.drainSeconds))
                }
                _ = try await tasks.next()
                tasks.cancelAll()
            }
            bound.fail(CancellationError())
        } catch {
            bound.fail(error)
            throw error
        }
    }
}
