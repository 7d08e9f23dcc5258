import Domain
import Engine
import Logging
import NIOCore
import Text

/// What one event loop has to itself: its executors with the ranker, and its connections.
final class LoopState {
    let shared: ServerShared
    let executor: CommandExecutor
    let bidder: BidExecutor
    let workers: Workers
    let arrivals: ArrivalClock
    private let eventLoop: any EventLoop
    private var handlers: [ObjectIdentifier: RESPHandler] = [:]
    private var sweeping: RepeatedTask?
    private var drained: EventLoopPromise<Void>?
    private var watching: RepeatedTask?
    /// When the loop is to be asked next how late it is, on the monotonic clock in nanoseconds.
    private var isDueAt: Int64 = 0

    init(
        _ shared: ServerShared, workers: Workers, eventLoop: any EventLoop
    ) throws {
        self.shared = shared
        self.workers = workers
        self.eventLoop = eventLoop
        arrivals = ArrivalClock(eventLoop: eventLoop)
        let ranker = try shared.engine.makeRanker()
        let reader = shared.gate == nil ? try MessageReader(model: shared.text, gate: nil) : nil
        executor = CommandExecutor(
            shared: shared, ranker: ranker, reader: reader, scanRowsMax: Limits.inlineScanRowsMax,
            meter: RequestMeter(tracesEvery: Limits.tracedCommandsEvery))
        shared.tallies.add(executor.meter.tally, isLoop: true)
        bidder = try BidExecutor(shared, ranker: ranker, reader: reader, isWorker: false)
    }

    var meter: RequestMeter { executor.meter }

    func start() {
        let loop = NIOLoopBound(self, eventLoop: eventLoop)
        sweeping = eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) {
            _ in loop.value.sweep()
        }
        isDueAt = WallClock.monotonicNanoseconds + Self.lagPeriod.nanoseconds
        watching = eventLoop.scheduleRepeatedTask(
            initialDelay: Self.lagPeriod, delay: Self.lagPeriod
        ) { _ in loop.value.noteLag() }
    }

    private static let lagPeriod = TimeAmount.milliseconds(Limits.loopLagMilliseconds)

    /// How much later than asked for the loop comes to this: what each of its commands has to wait.
    private func noteLag() {
        let now = WallClock.monotonicNanoseconds
        meter.tally.addLag(nanoseconds: now - isDueAt)
        isDueAt = now + Self.lagPeriod.nanoseconds
    }

    /// The loop takes no more connections.
    var isDraining: Bool { drained != nil }

    func add(_ handler: RESPHandler) { handlers[ObjectIdentifier(handler)] = handler }

    func remove(_ handler: RESPHandler) {
        guard handlers.removeValue(forKey: ObjectIdentifier(handler)) != nil else { return }
        shared.counters.connectionsOpen.decrement()
        if handlers.isEmpty { drained?.succeed() }
    }

    /// The connection that was loading a catalogue is gone.
    func abortCatalogue() {
        guard case .refused(let refusal) = shared.changes.abortCatalogue() else { return }
        shared.logger.warning("no catalogue to abort", metadata: ["error": "\(refusal.message)"])
    }

    /// Ends all connections, each after its commands in flight.
    func drain() -> EventLoopFuture<Void> {
        sweeping?.cancel()
        watching?.cancel()
        let promise = eventLoop.makePromise(of: Void.self)
        drained = promise
        for handler in handlers.values { handler.end() }
        if handlers.isEmpty { promise.succeed() }
        return promise.futureResult
    }

    private func sweep() {
        for handler in handlers.values { handler.sweep() }
        shared.engine.reclaim()
    }
}
