import CoreMetrics
import Domain
import Engine
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// The server: binds, serves connections until it is told to stop, drains, and ends.
package struct CairnServer: Service {
    let shared: ServerShared
    private let whenReady: @Sendable (SocketAddress) -> Void
    let whenHTTPReady: @Sendable (SocketAddress) -> Void

    /// Why the server could not serve.
    package enum Failure: Error {
        case bind(address: String, reason: String)
        /// The data directory cannot be used.
        case data(DataError, path: String)
        /// There is not enough memory to begin with.
        case outOfMemory
        /// Connections were cut because they did not end in time.
        case drainTimedOut(connections: Int)

        package var message: String {
            switch self {
            case .bind(let address, let reason): "cannot bind to \(address): \(reason)"
            case .data(let error, let path): error.message(of: path)
            case .outOfMemory: "out of memory"
            case .drainTimedOut(let count):
                "\(count) connections did not end within \(Limits.drainSeconds) seconds"
            }
        }

        /// As of sysexits.h.
        package var exitCode: Int32 {
            switch self {
            case .data(let error, _): error.exitCode
            case .bind, .outOfMemory, .drainTimedOut: 69
            }
        }
    }

    /// - Parameter whenHTTPReady: Called once before `whenReady`, with the address of the HTTP
    ///   side, if there is one.
    /// - Parameter whenReady: Called once, with the address that the server has bound to, when its
    ///   data are loaded.
    package init(
        _ shared: ServerShared,
        whenHTTPReady: @escaping @Sendable (SocketAddress) -> Void = { _ in },
        whenReady: @escaping @Sendable (SocketAddress) -> Void
    ) {
        self.shared = shared
        self.whenReady = whenReady
        self.whenHTTPReady = whenHTTPReady
    }

    /// What is counted through swift-metrics, for `MetricsSystem.bootstrap`.
    package var metrics: any MetricsFactory { shared.metrics }

    package func run() async throws {
        let configuration = shared.configuration
        let threads = configuration.eventLoops == 0 ? System.coreCount : configuration.eventLoops
        let group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
        let workers = try Workers(shared, count: System.coreCount)
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await serve(on: group, workers: workers))
        } catch {
            outcome = .failure(error)
        }
        try await workers.stop()
        // Event loops live on: what the journal completes now is for them to reply.
        let closing: Result<Void, any Error>
        do {
            closing = .success(try await closeJournal())
        } catch {
            closing = .failure(error)
        }
        try await group.shutdownGracefully()
        try outcome.get()
        try closing.get()
    }

    /// Returns when the server has been told to stop and all connections have ended.
    private func serve(
        on group: MultiThreadedEventLoopGroup, workers: Workers
    ) async throws {
        let loops = try await makeLoops(of: group, workers: workers)
        try await besideFront(on: group, loops) { try await serveRESP(on: group, loops) }
    }

    private func serveRESP(
        on group: MultiThreadedEventLoopGroup, _ loops: [NIOLoopBound<LoopState>]
    ) async throws {
        let channel = try await bind(group, loops)
        if let address = channel.localAddress {
            shared.boundPort.store(address.port ?? 0, ordering: .relaxed)
            shared.logger.info("listening", metadata: ["address": "\(address)"])
        }
        let snapshotTimer = group.next().scheduleRepeatedTask(
            initialDelay: .seconds(1), delay: .seconds(1)
        ) { [shared] _ in
            if !shared.isLoading { shared.snapshots?.tick() }
        }
        defer { snapshotTimer.cancel() }
        let loaded: Result<Void, any Error> = await withGracefulShutdownHandler {
            do {
                if try await load(), let address = channel.localAddress { whenReady(address) }
                try await channel.closeFuture.get()
                return .success(())
            } catch {
                channel.close(promise: nil)
                return .failure(error)
            }
        } onGracefulShutdown: {
            shared.store?.stop()
            channel.close(promise: nil)
        }
        let isDrained = await drain(loops)
        try loaded.get()
        guard isDrained else {
            throw Failure.drainTimedOut(connections: shared.counters.connectionsOpen.value)
        }
    }

    private func makeLoops(
        of group: MultiThreadedEventLoopGroup, workers: Workers
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
            low: configuration.outputBytesMax, high: configuration.outputBytesMax)
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1_024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
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
        guard let loop = loops.first(where: { $0.eventLoop === channel.eventLoop })?.value else {
            preconditionFailure("a channel's event loop belongs to the server's group")
        }
        // Counted first: all event loops welcome connections at once.
        let open = counters.connectionsOpen.wrappingAdd(1, ordering: .relaxed).newValue
        guard open <= shared.configuration.connectionsMax, !loop.isDraining else {
            counters.connectionsOpen.decrement()
            counters.connectionsRefused.increment()
            return try channel.pipeline.syncOperations.addHandler(RefusalHandler())
        }
        let id = counters.connectionsAccepted.wrappingAdd(1, ordering: .relaxed).newValue
        let session = Session(id: id, isAuthenticated: !shared.requiresPassword)
        try channel.pipeline.syncOperations.addHandler(
            RESPHandler(loop: loop, session: session))
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
