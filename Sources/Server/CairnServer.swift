import Domain
import Engine
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

#if canImport(Glibc)
    import Glibc
#endif

/// The server: binds, serves connections until it is told to stop, drains, and ends.
package struct CairnServer: Service {
    private let shared: ServerShared
    private let whenReady: @Sendable (SocketAddress) -> Void

    /// Why the server could not serve.
    package enum Failure: Error {
        case bind(address: String, reason: String)
        /// Connections were cut because they did not end in time.
        case drainTimedOut(connections: Int)

        package var message: String {
            switch self {
            case .bind(let address, let reason): "cannot bind to \(address): \(reason)"
            case .drainTimedOut(let count):
                "\(count) connections did not end within \(Limits.drainSeconds) seconds"
            }
        }
    }

    /// - Parameter whenReady: Called once, with the address that the server has bound to.
    package init(
        _ shared: ServerShared, whenReady: @escaping @Sendable (SocketAddress) -> Void
    ) {
        self.shared = shared
        self.whenReady = whenReady
    }

    package func run() async throws {
        let configuration = shared.configuration
        let threads = configuration.eventLoops == 0 ? System.coreCount : configuration.eventLoops
        let group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
        let workers = try ScanWorkers(shared, count: System.coreCount)
        let loops = try await makeLoops(of: group, workers: workers)
        let channel = try await bind(group, loops)
        if let address = channel.localAddress { whenReady(address) }
        try await withGracefulShutdownHandler {
            try await channel.closeFuture.get()
        } onGracefulShutdown: {
            channel.close(promise: nil)
        }
        let isDrained = await drain(loops)
        try await workers.stop()
        try await group.shutdownGracefully()
        if !isDrained {
            throw Failure.drainTimedOut(connections: shared.counters.connectionsOpen.value)
        }
    }

    private func makeLoops(
        of group: MultiThreadedEventLoopGroup, workers: ScanWorkers
    ) async throws -> [NIOLoopBound<LoopState>] {
        var loops: [NIOLoopBound<LoopState>] = []
        for eventLoop in group.makeIterator() {
            let loop = try await eventLoop.submit {
                let state = try LoopState(shared, workers: workers, eventLoop: eventLoop)
                state.start()
                return NIOLoopBound(state, eventLoop: eventLoop)
            }.get()
            loops.append(loop)
        }
        return loops
    }

    private func bind(
        _ group: MultiThreadedEventLoopGroup, _ loops: [NIOLoopBound<LoopState>]
    ) async throws -> any Channel {
        let configuration = shared.configuration
        let waterMark = ChannelOptions.Types.WriteBufferWaterMark(
            low: configuration.outputBytesMax / 2, high: configuration.outputBytesMax)
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1_024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.writeBufferWaterMark, value: waterMark)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try welcome(channel, loops) }
            }
        do {
            return try await bootstrap.bind(host: configuration.bind, port: configuration.port)
                .get()
        } catch {
            throw Failure.bind(
                address: "\(configuration.bind):\(configuration.port)", reason: "\(error)")
        }
    }

    /// Sets a new connection up, or refuses it when there are too many.
    private func welcome(_ channel: any Channel, _ loops: [NIOLoopBound<LoopState>]) throws {
        let counters = shared.counters
        guard counters.connectionsOpen.value < shared.configuration.connectionsMax else {
            counters.connectionsRefused.increment()
            channel.writeAndFlush(
                ByteBuffer(string: "-ERR max number of clients reached\r\n"), promise: nil)
            channel.close(promise: nil)
            return
        }
        counters.connectionsAccepted.increment()
        guard let loop = loops.first(where: { $0.eventLoop === channel.eventLoop }) else {
            preconditionFailure("a channel's event loop belongs to the server's group")
        }
        let session = Session(
            id: counters.connectionsAccepted.value, isAuthenticated: !shared.requiresPassword)
        try channel.pipeline.syncOperations.addHandler(
            RESPHandler(loop: loop.value, session: session))
    }

    /// Waits for connections to end; false when some do not in time.
    private func drain(_ loops: [NIOLoopBound<LoopState>]) async -> Bool {
        let draining = loops.map { loop in
            loop.eventLoop.flatSubmit { loop.value.drain() }
        }
        guard let first = loops.first else { return true }
        let all = EventLoopFuture.andAllComplete(draining, on: first.eventLoop).map { true }
        let inTime = first.eventLoop.makePromise(of: Bool.self)
        all.cascade(to: inTime)
        let timeout = first.eventLoop.scheduleTask(in: .seconds(Limits.drainSeconds)) {
            inTime.succeed(false)
        }
        let result = (try? await inTime.futureResult.get()) ?? false
        timeout.cancel()
        return result
    }
}
