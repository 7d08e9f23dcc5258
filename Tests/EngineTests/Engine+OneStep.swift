import Domain
import Policy
import Synchronization

@testable import Engine

/// Changes prepared and applied in one step, as a server without a journal does it.
extension Engine {
    /// What `ChangeLog` holds in a server: nothing else is applied between the two halves.
    private static let turn = Mutex(())

    private func carryOut<Outcome: Sendable>(
        _ prepare: () throws(EngineError) -> Prepared<Outcome>
    ) throws(EngineError) -> (outcome: Outcome, count: Int) {
        try Self.turn.withLock { (_) throws(EngineError) in
            let prepared = try prepare()
            guard let change = prepared.change else { return (prepared.outcome, 0) }
            ChangeRecorder.current?.add(change)
            return (prepared.outcome, try apply(change))
        }
    }

    func add(
        _ draft: ItemDraft, textRow: TextRow?, sensitive: SensitiveLabel?, isStaged: Bool
    ) throws(EngineError) {
        _ = try carryOut { () throws(EngineError) in
            try prepare(adding: draft, textRow: textRow, sensitive: sensitive, isStaged: isStaged)
        }
    }

    func remove(_ ids: [ItemID], isStaged: Bool) throws(EngineError) -> Int {
        try carryOut { () throws(EngineError) in
            try prepare(removing: ids, isStaged: isStaged)
        }.count
    }

    func beginCatalogue() throws(EngineError) { _ = try carryOut(prepareBeginningCatalogue) }
    func commitCatalogue() throws(EngineError) { _ = try carryOut(prepareCommittingCatalogue) }
    func abortCatalogue() throws(EngineError) { _ = try carryOut(prepareAbortingCatalogue) }

    func set(_ change: UserChange, now: Timestamp) throws(EngineError) {
        _ = try carryOut { () throws(EngineError) in try prepare(setting: change, now: now) }
    }

    func set(_ change: SurfaceChange) throws(EngineError) {
        _ = try carryOut { () throws(EngineError) in try prepare(setting: change) }
    }

    func set(_ policy: PolicyTable, digest: String) throws(EngineError) {
        _ = try carryOut { () throws(EngineError) in prepare(setting: policy, digest: digest) }
    }

    func take(
        _ draft: SignalDraft, reading: MessageReading?, now: Timestamp
    ) throws(EngineError) -> Gate? {
        try carryOut { () throws(EngineError) in
            try prepare(taking: draft, reading: reading, now: now)
        }.outcome
    }

    func suppress(_ name: String, for user: UserID) throws(EngineError) -> Bool {
        try carryOut { () throws(EngineError) in
            try prepare(suppressing: name, for: user)
        }.outcome
    }

    func unsuppress(_ name: String, for user: UserID) throws(EngineError) -> Bool {
        try carryOut { () throws(EngineError) in
            try prepare(unsuppressing: name, for: user)
        }.outcome
    }

    func retract(_ event: EventID, of user: UserID) throws(EngineError) -> Bool {
        try carryOut { () throws(EngineError) in prepare(retracting: event, of: user) }.outcome
    }

    func forget(_ user: UserID) throws(EngineError) -> Bool {
        try carryOut { () throws(EngineError) in prepare(forgetting: user) }.outcome
    }
}

/// Gathers the changes that are applied within a task.
final class ChangeRecorder: Sendable {
    @TaskLocal static var current: ChangeRecorder?
    private let recorded = Mutex<[Change]>([])

    func add(_ change: Change) { recorded.withLock { $0.append(change) } }
    var changes: [Change] { recorded.withLock { $0 } }
}
