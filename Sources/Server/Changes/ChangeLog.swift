import Dispatch
import Domain
import Engine
import Journal
import Policy

/// The one door for changes: decides, journals, applies, in this order, one change at a time.
///
///     prepare -> journal.append -> apply -> answer                    no journal, everysec, off
///     prepare -> journal.append ~ sync ~> apply -> answer             always
///
/// So memory is never ahead of the journal. Under `always` a change is applied by the completion of
/// its append, in the order of sequences; what is decided meanwhile must not miss it, so a change
/// that depends on one under way waits in line (`Line`) and is decided afterwards.
///
/// It speaks of drafts and outcomes, and knows no protocol. Lock order: this lock, then the engine's.
package final class ChangeLog: Sendable {
    private let engine: Engine
    private let state: Locked<State>

    struct State {
        var journal: (any Journal)?
        /// Changes wait for their sync.
        var waitsForSync = false
        var isClosed = false
        /// What changes write that are appended and not yet answered by the journal.
        var underWay = KeyCounts()
        var line = Line()
        /// Somebody waits for the journal's queue to have room.
        var isRoomAwaited = false
        /// Somebody waits for what is under way, and nothing new begins.
        var isPaused = false
        /// Told when nothing is under way any more.
        var rest: DispatchSemaphore?
        /// Bytes of records that the journal has taken.
        var appendedBytes: UInt64 = 0

        /// Whether the change depends on one that is under way, or on one that came before it.
        func waits(_ change: LinedChange) -> Bool {
            change.reads.contains { underWay.contains($0) || line.keys.contains($0) }
        }
    }

    package init(_ engine: Engine) {
        self.engine = engine
        state = Locked(State())
    }

    /// Journals every change from here on. Called once, before there is any.
    ///
    /// - Parameter replayedBytes: Of the records after the newest snapshot.
    func use(_ journal: any Journal, replayedBytes: UInt64 = 0) {
        state.withLock { state in
            state.appendedBytes = replayedBytes
            state.journal = journal
            state.waitsForSync = journal.status.mode == .always
        }
    }

    // MARK: Items

    package func add(
        _ draft: ItemDraft, textRow: TextRow?, sensitive: SensitiveLabel?, isStaged: Bool
    ) -> ChangeAnswer<Void> {
        submit(
            Touch(writes: { [.item(draft.id)] }),
            prepare: { (engine) throws(EngineError) in
                try engine.prepare(
                    adding: draft, textRow: textRow, sensitive: sensitive, isStaged: isStaged)
            })
    }

    /// How many there were.
    package func remove(_ ids: [ItemID], isStaged: Bool) -> ChangeAnswer<Int> {
        submit(
            Touch(reads: { ids.map(ChangeKey.item) }, writes: { ids.map(ChangeKey.item) }),
            prepare: { (engine) throws(EngineError) in
                try engine.prepare(removing: ids, isStaged: isStaged)
            }, value: { _, count in count })
    }

    package func beginCatalogue() -> ChangeAnswer<Void> {
        submit(.setup) { (engine) throws(EngineError) in try engine.prepareBeginningCatalogue() }
    }

    package func commitCatalogue() -> ChangeAnswer<Void> {
        submit(.setup) { (engine) throws(EngineError) in try engine.prepareCommittingCatalogue() }
    }

    /// Happens whether the journal takes it or not: a catalogue that is begun after it, or a restart,
    /// throws the loaded one away too.
    package func abortCatalogue() -> ChangeAnswer<Void> {
        submit(.setup, isUnconditional: true) { (engine) throws(EngineError) in
            try engine.prepareAbortingCatalogue()
        }
    }

    // MARK: Users

    package func set(_ change: UserChange, now: Timestamp) -> ChangeAnswer<Void> {
        submit(.user(change.user)) { (engine) throws(EngineError) in
            try engine.prepare(setting: change, now: now)
        }
    }

    /// The gate that kept it out, or `nil` when it is used.
    package func take(
        _ draft: SignalDraft, reading: MessageReading?, now: Timestamp
    ) -> ChangeAnswer<Gate?> {
        submit(
            Touch(
                reads: {
                    guard case .item(let id) = draft.about else { return [.user(draft.user)] }
                    return [.user(draft.user), .item(id)]
                }, writes: { [.user(draft.user)] }),
            prepare: { (engine) throws(EngineError) in
                try engine.prepare(taking: draft, reading: reading, now: now)
            })
    }

    /// Whether it is new.
    package func suppress(_ topic: String, for user: UserID) -> ChangeAnswer<Bool> {
        submit(.user(user)) { (engine) throws(EngineError) in
            try engine.prepare(suppressing: topic, for: user)
        }
    }

    /// Whether it was suppressed.
    package func unsuppress(_ topic: String, for user: UserID) -> ChangeAnswer<Bool> {
        submit(.user(user)) { (engine) throws(EngineError) in
            try engine.prepare(unsuppressing: topic, for: user)
        }
    }

    /// Whether it was held.
    package func retract(_ event: EventID, of user: UserID) -> ChangeAnswer<Bool> {
        submit(.user(user)) { engine in engine.prepare(retracting: event, of: user) }
    }

    /// Whether there was anything.
    package func forget(_ user: UserID) -> ChangeAnswer<Bool> {
        submit(.user(user)) { engine in engine.prepare(forgetting: user) }
    }

    // MARK: Setup

    package func set(_ change: SurfaceChange) -> ChangeAnswer<Void> {
        submit(.setup) { (engine) throws(EngineError) in try engine.prepare(setting: change) }
    }

    package func set(_ policy: PolicyTable, digest: String) -> ChangeAnswer<Void> {
        submit(.setup) { engine in engine.prepare(setting: policy, digest: digest) }
    }

    // MARK: The journal

    /// `nil` when nothing is kept.
    package var journalStatus: JournalStatus? {
        state.withLock { $0.journal }?.status
    }

    /// Bytes of records since the start, those that were replayed among them.
    var appendedBytes: UInt64 { state.withLock { $0.appendedBytes } }

    /// Calls `body` when all that was appended is applied, and before anything else is: the engine
    /// stands for exactly the journal's last sequence. Blocks; one caller at a time.
    func atRest<Value, Failure: Error>(
        _ body: (any Journal) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let rest = DispatchSemaphore(value: 0)
        while true {
            let isAtRest = state.withLock { state in
                state.isPaused = true
                state.rest = state.underWay.isEmpty ? nil : rest
                return state.underWay.isEmpty
            }
            if isAtRest { break }
            rest.wait()
        }
        defer {
            let tells = state.withLock { state in
                state.isPaused = false
                return advance(&state)
            }
            for tell in tells { tell() }
        }
        // Without waiting for syncs changes do not pause: the lock is what keeps them out.
        return try state.withLock { (state) throws(Failure) in
            guard let journal = state.journal else {
                preconditionFailure("there is no journal to be at rest")
            }
            return try body(journal)
        }
    }

    /// Refuses changes from here on, then writes and syncs what was accepted. Blocks.
    func close() throws(JournalError) {
        let (journal, waiting) = state.withLock { state in
            state.isClosed = true
            return (state.journal, state.line.removeAll())
        }
        for change in waiting { change.refuse(.stopping) }
        try journal?.close()
    }

    // MARK: One change

    private typealias Decision<Outcome: Sendable> =
        @Sendable (Engine) throws(EngineError) -> Prepared<Outcome>

    private func submit<Outcome: Sendable>(
        _ touch: Touch, isUnconditional: Bool = false, prepare: @escaping Decision<Outcome>
    ) -> ChangeAnswer<Outcome> {
        submit(touch, isUnconditional: isUnconditional, prepare: prepare) { outcome, _ in outcome }
    }

    /// - Parameter value: The answer, of the outcome and of what applying the change returned.
    private func submit<Outcome: Sendable, Value: Sendable>(
        _ touch: Touch, isUnconditional: Bool = false, prepare: @escaping Decision<Outcome>,
        value: @escaping @Sendable (Outcome, Int) -> Value
    ) -> ChangeAnswer<Value> {
        let answer: ChangeAnswer<Value>? = state.withLock { state in
            guard !state.isClosed else { return .refused(.stopping) }
            guard !state.waitsForSync, state.line.isEmpty else { return nil }
            switch carryOut(prepare, isUnconditional: isUnconditional, &state) {
            case .success(let (outcome, count)): return .done(value(outcome, count))
            case .failure(.notKept(.queueFull)): return nil
            case .failure(let refusal): return .refused(refusal)
            }
        }
        if let answer { return answer }
        let pending = PendingChange<Value>()
        let isInLine = enter(
            LinedChange(
                reads: touch.reads() + [.setup], writes: touch.writes(),
                attempt: { [self] state in
                    attempt(prepare, isUnconditional: isUnconditional, touch, &state) { result in
                        pending.answer(result.map(value))
                    }
                }, refuse: { pending.answer(.failure($0)) }))
        switch pending.answerIfThere {
        case .success(let value): return .done(value)
        case .failure(let refusal): return .refused(refusal)
        case nil: return .pending(pending, isInLine: isInLine)
        }
    }

    /// Prepares, journals and applies in one go; the lock is held.
    private func carryOut<Outcome: Sendable>(
        _ prepare: Decision<Outcome>, isUnconditional: Bool, _ state: inout State
    ) -> Result<(Outcome, Int), ChangeRefusal> {
        do throws(EngineError) {
            let prepared = try prepare(engine)
            guard let change = prepared.change else { return .success((prepared.outcome, 0)) }
            if let journal = state.journal {
                do throws(JournalError) {
                    let bytes = change.bytes
                    _ = try journal.append(bytes.span) { _ in }
                    state.appendedBytes += UInt64(bytes.count)
                } catch {
                    guard isUnconditional else { return .failure(.notKept(error)) }
                }
            }
            return .success((prepared.outcome, try engine.apply(change)))
        } catch {
            return .failure(.engine(error))
        }
    }

    // MARK: Changes that wait

    /// Begins the change, or puts it in line; whether it is in line.
    private func enter(_ change: LinedChange) -> Bool {
        let (tell, isInLine): ((@Sendable () -> Void)?, Bool) = state.withLock { state in
            guard !state.isClosed else { return ({ change.refuse(.stopping) }, false) }
            guard !state.isRoomAwaited, !state.isPaused, !state.waits(change) else {
                state.line.append(change)
                return (nil, true)
            }
            switch change.attempt(&state) {
            case .answered(let tell): return (tell, false)
            case .underWay: return (nil, false)
            case .noRoom:
                state.line.append(change)
                awaitRoom(&state)
                return (nil, true)
            }
        }
        tell?()
        return isInLine
    }

    /// Begins what waits in line and need not any more. Returns whom to tell, without the lock.
    private func advance(_ state: inout State) -> [@Sendable () -> Void] {
        guard !state.line.isEmpty, !state.isRoomAwaited, !state.isPaused, !state.isClosed else {
            return []
        }
        var tells: [@Sendable () -> Void] = []
        var waiting = Line()
        for change in state.line.removeAll() {
            guard !state.isRoomAwaited,
                !change.reads.contains(where: {
                    state.underWay.contains($0) || waiting.keys.contains($0)
                })
            else {
                waiting.append(change)
                continue
            }
            switch change.attempt(&state) {
            case .answered(let tell): tells.append(tell)
            case .underWay: break
            case .noRoom:
                waiting.append(change)
                awaitRoom(&state)
            }
        }
        state.line = waiting
        return tells
    }

    /// Decides and appends; under `always` the rest is the completion's.
    private func attempt<Outcome: Sendable>(
        _ prepare: Decision<Outcome>, isUnconditional: Bool, _ touch: Touch,
        _ state: inout State,
        answer: @escaping @Sendable (Result<(Outcome, Int), ChangeRefusal>) -> Void
    ) -> LinedChange.Attempt {
        guard state.waitsForSync, let journal = state.journal else {
            let result = carryOut(prepare, isUnconditional: isUnconditional, &state)
            if case .failure(.notKept(.queueFull)) = result { return .noRoom }
            return .answered { answer(result) }
        }
        let prepared: Prepared<Outcome>
        do throws(EngineError) {
            prepared = try prepare(engine)
        } catch {
            return .answered { answer(.failure(.engine(error))) }
        }
        guard let change = prepared.change else {
            return .answered { answer(.success((prepared.outcome, 0))) }
        }
        let writes = touch.writes() + (prepared.addsToSetup ? [.setup] : [])
        @Sendable func finish(_ error: JournalError?) -> Result<(Outcome, Int), ChangeRefusal> {
            if let error, !isUnconditional { return .failure(.notKept(error)) }
            do throws(EngineError) {
                return .success((prepared.outcome, try engine.apply(change)))
            } catch {
                return .failure(.engine(error))
            }
        }
        do throws(JournalError) {
            let bytes = change.bytes
            state.appendedBytes += UInt64(bytes.count)
            _ = try journal.append(bytes.span) { [self] kept in
                let (result, tells) = self.state.withLock { state in
                    let result = finish(kept.failure)
                    state.underWay.remove(writes)
                    if state.underWay.isEmpty {
                        state.rest?.signal()
                        state.rest = nil
                    }
                    let isAwaited = writes.contains { state.line.awaited.contains($0) }
                    return (result, isAwaited ? advance(&state) : [])
                }
                answer(result)
                for tell in tells { tell() }
            }
        } catch .queueFull {
            return .noRoom
        } catch {
            let result = finish(error)
            return .answered { answer(result) }
        }
        state.underWay.add(writes)
        return .underWay
    }

    /// Has those in line begun when the journal's queue has room again.
    private func awaitRoom(_ state: inout State) {
        guard !state.isRoomAwaited, let journal = state.journal else { return }
        state.isRoomAwaited = true
        DispatchQueue.global().async { [self] in
            journal.waitForRoom()
            let tells = self.state.withLock { state in
                state.isRoomAwaited = false
                return advance(&state)
            }
            for tell in tells { tell() }
        }
    }
}

extension Result<UInt64, JournalError> {
    fileprivate var failure: JournalError? {
        if case .failure(let error) = self { error } else { nil }
    }
}
