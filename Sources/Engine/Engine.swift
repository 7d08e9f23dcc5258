import Domain
import Policy

/// The ranking engine: items, users and surfaces in memory, changed by one writer at a time and read
/// by any number of rankers without waiting for it.
///
/// It knows no sockets, files or text. Lock order: the writer's lock, then a shard's, then the
/// setup's; a request takes a shard's and the setup's only, each for a moment.
package final class Engine: Sendable {
    package let topics: TopicRows
    package let tasteDimension: Int
    let items: ItemStore
    let writer: Locked<Writer>
    let shards: [Shard]
    private let currentSetup: Locked<Setup>
    #if PLANTED_LEAKS
        let traces = LeakTraces()
    #endif

    /// What only the writer reads and changes.
    struct Writer {
        var isLoadingCatalogue = false
        var gateCounts = PerCase<Gate, UInt64>(repeating: 0)
        var signalsUsed: UInt64 = 0
    }

    /// A mutex cannot lie in an array by itself.
    final class Shard: Sendable {
        let users: Locked<UserShard>

        init(_ items: borrowing ItemStore) throws(EngineError) {
            users = Locked(try UserShard(items))
        }
    }

    package init(_ options: EngineOptions) throws(EngineError) {
        precondition(options.shardsCount.nonzeroBitCount == 1, "shards are chosen by low bits")
        topics = TopicRows(options.topics)
        tasteDimension = options.tasteDimension
        items = try ItemStore(tasteDimension: options.tasteDimension)
        var shards: [Shard] = []
        for _ in 0..<options.shardsCount { shards.append(try Shard(items)) }
        self.shards = shards
        var setup = Setup(policy: options.policy, policyDigest: options.policyDigest)
        for surface in options.surfaces {
            setup = try setup.setting(surface, hasTaste: options.tasteDimension > 0)
        }
        currentSetup = Locked(setup)
        writer = Locked(Writer())
    }

    /// A ranker for one thread.
    package func makeRanker() throws(EngineError) -> Ranker {
        try Ranker(engine: self, store: items)
    }

    /// Surfaces and policy as they are now.
    package var setup: Setup { currentSetup.withLock { $0 } }

    /// Makes `change` the setup; the writer's lock is held.
    func setSetup(_ change: Setup) { currentSetup.withLock { $0 = change } }

    /// Puts surfaces, policy and products back as they were when `setup` was taken.
    package func restore(_ setup: Setup) {
        writer.withLock { _ in
            setSetup(setup)
            items.advance()
            leakReset()
        }
    }

    func withShard<Result, Failure: Error>(
        of hash: UInt64, _ body: (borrowing UserShard) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try shards[Int(hash & UInt64(shards.count - 1))].users.withLock {
            (users) throws(Failure) in try body(users)
        }
    }

    // MARK: Surfaces

    package func prepare(setting change: SurfaceChange) throws(EngineError) -> Prepared<Void> {
        let current = setup
        let old = current.surface(named: change.name)?.surface ?? Surface(name: change.name)
        let new = change.applied(to: old)
        let after = try current.setting(new, hasTaste: tasteDimension > 0)
        return Prepared(.setSurface(new), addsToSetup: !current.hasSameProducts(as: after))
    }

    // MARK: State

    /// Where the engine stands, in numbers.
    package struct State: Sendable {
        package var sequence: UInt64 = 0
        package var items: UInt64 = 0
        package var slots: UInt64 = 0
        package var rows: UInt64 = 0
        package var retired: UInt64 = 0
        package var users: UInt64 = 0
        package var signalsUsed: UInt64 = 0
        package var gates: [(gate: Gate, count: UInt64)] = []
        package var directoryMemory = Memory()
        package var catalogueMemory = Memory()
        package var stagingMemory = Memory()
        package var usersMemory = Memory()
    }

    package var state: State {
        var state = State()
        writer.withLock { writer in
            let store = items.state
            state.sequence = store.sequence
            state.items = store.items
            state.slots = store.slots
            state.rows = store.rows
            state.retired = store.retired
            state.directoryMemory = store.directory
            state.catalogueMemory = store.catalogue
            state.stagingMemory = store.staging
            state.signalsUsed = writer.signalsUsed
            state.gates = Gate.allCases.map { ($0, writer.gateCounts[$0]) }
        }
        for shard in shards {
            shard.users.withLock { users in
                state.users += users.usersCount
                state.usersMemory += users.memory
            }
        }
        return state
    }

    /// Frees what no reader can see any more, when no change comes along to do it.
    package func reclaim() { writer.withLock { _ in items.reclaim() } }
}
