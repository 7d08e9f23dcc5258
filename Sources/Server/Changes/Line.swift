import Domain
import Engine

/// What a decision reads and a change writes, as far as changes under way are concerned.
enum ChangeKey: Hashable, Sendable {
    case user(UserID)
    case item(ItemID)
    /// Surfaces, policy, products, and whether a catalogue is being loaded: every decision reads it.
    case setup
}

/// What one change reads, besides the setup, and writes; asked only where changes wait.
///
/// A signal about an item reads the item and does not write it: what comes later is applied later,
/// so only what is *decided* must not miss what is under way.
struct Touch: Sendable {
    let reads: @Sendable () -> [ChangeKey]
    let writes: @Sendable () -> [ChangeKey]

    init(
        reads: @escaping @Sendable () -> [ChangeKey] = { [] },
        writes: @escaping @Sendable () -> [ChangeKey]
    ) {
        self.reads = reads
        self.writes = writes
    }

    static let setup = Touch(writes: { [.setup] })

    static func user(_ id: UserID) -> Touch {
        Touch(reads: { [.user(id)] }, writes: { [.user(id)] })
    }
}

/// A change that has come in, and may have to wait for its turn to be decided.
struct LinedChange: Sendable {
    enum Attempt {
        /// To be called without the lock.
        case answered(@Sendable () -> Void)
        /// The journal's completion answers.
        case underWay
        /// The journal's queue is full: to be tried again.
        case noRoom
    }

    let reads: [ChangeKey]
    let writes: [ChangeKey]
    /// Called with the log's lock held.
    let attempt: @Sendable (inout ChangeLog.State) -> Attempt
    let refuse: @Sendable (ChangeRefusal) -> Void
}

/// Changes in the order in which they came, each waiting for one that it depends on. Each connection
/// and worker has at most `Limits.changesInLineMax` in it.
struct Line {
    private var changes: [LinedChange] = []
    /// What those in line may write: nothing that reads it overtakes them.
    private(set) var keys = KeyCounts()
    /// What those in line read: whatever else is over, nobody waits for.
    private(set) var awaited = KeyCounts()

    var isEmpty: Bool { changes.isEmpty }

    mutating func append(_ change: LinedChange) {
        changes.append(change)
        keys.add(change.writes)
        awaited.add(change.reads)
    }

    mutating func removeAll() -> [LinedChange] {
        defer { self = Line() }
        return changes
    }
}

/// How often keys are held.
struct KeyCounts {
    private var counts: [ChangeKey: Int] = [:]

    var isEmpty: Bool { counts.isEmpty }

    func contains(_ key: ChangeKey) -> Bool { counts[key] != nil }

    mutating func add(_ keys: [ChangeKey]) {
        for key in keys { counts[key, default: 0] += 1 }
    }

    mutating func remove(_ keys: [ChangeKey]) {
        for key in keys {
            let count = counts[key] ?? 0
            counts[key] = count > 1 ? count - 1 : nil
        }
    }
}
