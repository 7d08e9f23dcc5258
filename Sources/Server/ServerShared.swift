import Domain
import Engine
import Logging
import Synchronization
import Telemetry
import Text

/// What all event loops of one server share.
package final class ServerShared: Sendable {
    let engine: Engine
    /// Where changes are kept; `nil` when nowhere.
    let store: DataStore?
    /// `nil` when nothing is kept.
    let snapshots: Snapshots?
    /// The one door for changes of the engine.
    package let changes: ChangeLog
    let text: TextModel
    /// Without it no chat is used.
    let gate: SensitiveGate?
    /// Of texts around ads.
    let readings = ReadingCache()
    let configuration: ServerConfiguration
    private let loading: Atomic<Bool>
    package let counters = ServerCounters()
    let tallies = Tallies()
    let slowLog: SlowLog
    /// What is counted through swift-metrics.
    package let metrics = MetricsRegistry()
    /// The port that the server listens on; 0 before it does.
    package let boundPort = Atomic<Int>(0)
    /// The same of the HTTP side; 0 without one.
    package let boundHTTPPort = Atomic<Int>(0)
    let logger: Logger
    /// What signals and requests without a time of their own go by. It may jump, also backwards: no
    /// order hangs on it.
    private let clock: @Sendable () -> Timestamp
    let startedAt: Timestamp

    package init(
        engine: Engine, text: TextModel, gate: SensitiveGate?,
        configuration: ServerConfiguration, store: DataStore? = nil, logger: Logger,
        clock: @escaping @Sendable () -> Timestamp = { WallClock.now }
    ) {
        self.engine = engine
        self.store = store
        loading = Atomic(store != nil)
        let changes = ChangeLog(engine)
        self.changes = changes
        snapshots = store.map { store in
            Snapshots(
                of: store, engine: engine, changes: changes, textModel: text.digest,
                schedule: configuration.snapshotSchedule, logger: logger)
        }
        self.text = text
        self.gate = gate
        self.configuration = configuration
        self.logger = logger
        slowLog = SlowLog(from: configuration.slowRequestMicroseconds, logger: logger)
        self.clock = clock
        startedAt = clock()
    }

    var now: Timestamp { clock() }

    /// The data are not all there yet: only what does not ask for them is answered.
    package var isLoading: Bool { loading.load(ordering: .acquiring) }

    func endLoading() { loading.store(false, ordering: .releasing) }

    var requiresPassword: Bool { !configuration.password.isEmpty }

    /// Compares every byte, so that the time taken tells nothing about the password.
    func isPassword(_ bytes: [UInt8]) -> Bool {
        let password = Array(configuration.password.utf8)
        var difference = bytes.count ^ password.count
        for index in password.indices {
            difference |= Int(password[index] ^ (index < bytes.count ? bytes[index] : 0))
        }
        return difference == 0
    }
}
