import Dispatch
import Domain
import Foundation

/// What waits between the callers of `append` and the thread that writes.
///
/// Here sequences are given out, under one lock that is held for a copy of the record and never for
/// I/O. Records gather while the writer is busy: what gathered during one sync is the next group.
final class AppendQueue: Sendable {
    typealias Completion = @Sendable (Result<UInt64, JournalError>) -> Void

    /// A batch, and who waits for it.
    struct Group: Sendable {
        var batch: Batch
        var completions: [Completion] = []
        /// Whether a new segment begins with it.
        var startsSegment = false

        /// Tells everyone; a success is told with each record's own sequence.
        func complete(_ error: JournalError? = nil) {
            for (offset, completion) in completions.enumerated() {
                completion(error.map { .failure($0) } ?? .success(batch.first + UInt64(offset)))
            }
        }
    }

    /// What the writer is to do.
    struct Work {
        var groups: [Group] = []
        var isFlushWanted = false
        /// Whether the segment ends after `groups`.
        var endsSegment = false
        var isClosing = false
    }

    /// How long records may wait for more to be written with them. What is urgent does not wait: a
    /// flush, a segment's end, a close, or many bytes.
    struct Gathering: Equatable {
        /// It is over when so many records wait.
        var recordsMin: Int
        /// It is over so long after it began.
        var nanoseconds: Int
    }

    private enum Phase {
        case notRecovered
        case serving
        case failing(String)
        case closed
    }

    private struct State {
        var phase = Phase.notRecovered
        var nextSequence: UInt64 = 1
        var groups: [Group] = []
        var startsSegmentNext = false
        /// Records in `groups`, and their bytes; bytes that the writer holds until they are synced.
        var queuedCount = 0
        var queuedBytes = 0
        var heldBytes = 0
        var written: UInt64 = 0
        var synced: UInt64 = 0
        var isFlushWanted = false
        /// The writer sleeps until so many records wait; nil while it is awake.
        var writerWakesAt: Int?
        /// Threads that wait: each looks again after every step of the writer.
        var waiters: [DispatchSemaphore] = []

        /// Whether so many records wait, or as many bytes as are worth a row of their own.
        func gathered(_ count: Int) -> Bool {
            queuedCount >= count || queuedBytes >= Limits.journalGatherBytes
        }

        /// Work that nothing is gathered for.
        var urgentWork: Work? {
            mutating get {
                if case .closed = phase { return takeWork() }
                return isFlushWanted || startsSegmentNext ? takeWork() : nil
            }
        }

        mutating func takeWork() -> Work {
            var work = Work(
                groups: groups, isFlushWanted: isFlushWanted, endsSegment: startsSegmentNext)
            if case .closed = phase { work.isClosing = true }
            groups = []
            heldBytes += queuedBytes
            queuedCount = 0
            queuedBytes = 0
            isFlushWanted = false
            startsSegmentNext = false
            return work
        }
    }

    private let mode: Durability
    private let state = Guarded(State())
    private let wake = DispatchSemaphore(value: 0)

    init(mode: Durability) { self.mode = mode }

    /// Begins to take records, after what a recovery found.
    func open(after last: UInt64) {
        state.withLock {
            $0 = State(phase: .serving, nextSequence: last + 1, written: last, synced: last)
        }
    }

    // MARK: For callers

    func append(
        _ record: Span<UInt8>, completion: @escaping Completion
    ) throws(JournalError) -> UInt64 {
        guard record.count <= Limits.journalRecordBytesMax else {
            throw .recordTooLong(bytes: record.count, maximum: Limits.journalRecordBytesMax)
        }
        let waits = mode == .always
        let (sequence, isAsleep) = try state.withLock {
            state throws(JournalError) -> (UInt64, Bool) in
            try Self.checkServing(state)
            let (size, waiting) = (
                record.count + Batch.lengthBytes, state.queuedBytes + state.heldBytes
            )
            guard waiting + size <= Limits.journalQueueBytesMax else {
                throw .queueFull(waitingBytes: waiting, maximum: Limits.journalQueueBytesMax)
            }
            let sequence = state.nextSequence
            state.nextSequence += 1
            if state.startsSegmentNext || state.groups.isEmpty
                || state.groups[state.groups.count - 1].batch.bytes.count + size
                    > Limits.journalBatchBytesMax
            {
                state.groups.append(
                    Group(batch: Batch(first: sequence), startsSegment: state.startsSegmentNext))
                state.startsSegmentNext = false
            }
            let last = state.groups.count - 1
            state.groups[last].batch.add(record)
            if waits { state.groups[last].completions.append(completion) }
            state.queuedCount += 1
            state.queuedBytes += size
            guard let count = state.writerWakesAt, state.gathered(count) else {
                return (sequence, false)
            }
            return (sequence, Self.wakes(&state))
        }
        if isAsleep { wake.signal() }
        if !waits { completion(.success(sequence)) }
        return sequence
    }

    /// Ends the segment after all that was appended so far, whose last sequence this is.
    func endSegment() -> UInt64 {
        let (last, isAsleep) = state.withLock { state in
            state.startsSegmentNext = true
            return (state.nextSequence - 1, Self.wakes(&state))
        }
        if isAsleep { wake.signal() }
        return last
    }

    func waitForRoom() {
        wait { state in
            guard case .serving = state.phase else { return true }
            return state.queuedBytes + state.heldBytes <= Limits.journalQueueBytesMax / 2
        }
    }

    /// Returns when all that was appended so far is synced, or all up to `sequence`.
    func flush(through sequence: UInt64? = nil) throws(JournalError) {
        let (target, isAsleep) = state.withLock { state in
            let target = sequence ?? state.nextSequence - 1
            precondition(target < state.nextSequence, "sequence \(target) was never appended")
            guard state.synced < target else { return (target, false) }
            state.isFlushWanted = true
            return (target, Self.wakes(&state))
        }
        if isAsleep { wake.signal() }
        wait { state in
            guard case .serving = state.phase else { return true }
            return state.synced >= target
        }
        try state.withLock { state throws(JournalError) in
            if state.synced < target { try Self.checkServing(state) }
        }
    }

    /// Refuses appends from here on; whether there is a writer, who will end.
    func close() -> Bool {
        let hadWriter = state.withLock { state in
            if case .notRecovered = state.phase { return false }
            state.phase = .closed
            return true
        }
        wake.signal()
        return hadWriter
    }

    func status(snapshot: UInt64, warning: String?) -> JournalStatus {
        state.withLock { state in
            var failure: String?
            if case .failing(let reason) = state.phase { failure = reason }
            return JournalStatus(
                mode: mode, lastSequence: state.nextSequence - 1, writtenSequence: state.written,
                syncedSequence: state.synced, waitingBytes: state.queuedBytes + state.heldBytes,
                snapshotSequence: snapshot, failure: failure, warning: warning)
        }
    }

    private static func checkServing(_ state: borrowing State) throws(JournalError) {
        switch state.phase {
        case .notRecovered: preconditionFailure("a journal is recovered before its first append")
        case .serving: break
        case .failing(let reason): throw .refusing(reason: reason)
        case .closed: throw .closed
        }
    }

    private static func wakes(_ state: inout State) -> Bool {
        defer { state.writerWakesAt = nil }
        return state.writerWakesAt != nil
    }

    private func wait(until isOver: (inout State) -> Bool) {
        let step = DispatchSemaphore(value: 0)
        while true {
            let over = state.withLock { state in
                if isOver(&state) { return true }
                state.waiters.append(step)
                return false
            }
            if over { return }
            step.wait()
        }
    }

    // MARK: For the writer

    /// Sequences that were given out after `last`.
    func countOutstanding(after last: UInt64) -> Int {
        state.withLock { Int($0.nextSequence - 1 - last) }
    }

    /// All that has gathered, once there is any; nothing when `deadline` passes first.
    func next(until deadline: DispatchTime, gathering: Gathering? = nil) -> Work {
        var gatheringEnd: DispatchTime?
        while true {
            let work: Work? = state.withLock { state in
                if let work = state.urgentWork { return work }
                guard !state.groups.isEmpty else {
                    state.writerWakesAt = 1
                    gatheringEnd = nil
                    return nil
                }
                guard let gathering, !state.gathered(gathering.recordsMin) else {
                    return state.takeWork()
                }
                let now = DispatchTime.now()
                let end = gatheringEnd ?? now + .nanoseconds(gathering.nanoseconds)
                guard now < end else { return state.takeWork() }
                gatheringEnd = end
                state.writerWakesAt = gathering.recordsMin
                return nil
            }
            if let work { return work }
            if wake.wait(timeout: gatheringEnd ?? deadline) == .timedOut {
                state.withLock { $0.writerWakesAt = nil }
                if gatheringEnd == nil { return Work() }
            }
        }
    }

    /// After a step: what is on its way, what is safe, and what the writer still holds.
    func report(written: UInt64, synced: UInt64, heldBytes: Int) {
        step { state in
            state.written = written
            state.synced = max(state.synced, synced)
            state.heldBytes = heldBytes
            if case .failing = state.phase { state.phase = .serving }
        }
    }

    /// Refuses appends from here on. With `last`, sequences after it are taken back, and the groups
    /// that had not been taken are returned.
    func fail(_ reason: String, takingBackAfter last: UInt64?) -> [Group] {
        step { state in
            if case .serving = state.phase { state.phase = .failing(reason) }
            guard let last else { return [] }
            defer {
                state.groups = []
                state.queuedCount = 0
                state.queuedBytes = 0
                state.heldBytes = 0
                state.nextSequence = last + 1
                state.written = last
            }
            return state.groups
        }
    }

    @discardableResult
    private func step<Value>(_ change: (inout State) -> Value) -> Value {
        let (value, waiters) = state.withLock { state in
            let value = change(&state)
            defer { state.waiters = [] }
            return (value, state.waiters)
        }
        for waiter in waiters { waiter.signal() }
        return value
    }
}

/// A value behind a lock. Swift's `Mutex` is a priority-inheriting futex on Linux, which goes from
/// waiter to waiter in turn: with many appenders every record would cost a switch of threads.
private final class Guarded<Value>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value

    init(_ value: Value) { self.value = value }

    func withLock<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try body(&value)
    }
}
