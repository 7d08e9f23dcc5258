import Dispatch
import Domain
import Engine
import Journal
import Logging

/// Snapshots of a server's state: one at a time, off every thread that serves.
///
/// A child process writes the state as it was at one sequence while requests and changes go on; the
/// journal puts it in place whole and drops what it covers.
package final class Snapshots: Sendable {
    /// When to write one unasked; 0 is never.
    struct Schedule: Sendable {
        var seconds: Int
        var segmentBytes: Int

        /// Bytes of records from one snapshot to the next. They bound what a start replays; a large
        /// state, which takes long to write and to read, is written less often.
        func recordBytes(snapshotBytes: Int) -> Int {
            max(segmentBytes, snapshotBytes / Limits.snapshotRecordsShare)
        }
    }

    /// What happened lately, for INFO.
    struct Report: Sendable {
        var isRunning = false
        /// When the newest that this process knows of was finished.
        var finishedAt: Timestamp?
        var tookMilliseconds: Int64?
        var failure: String?
    }

    private struct State {
        var report = Report()
        /// Of the last attempt, or of the start.
        var triedNanoseconds = WallClock.monotonicNanoseconds
        var bytesAtLast: UInt64 = 0
    }

    private let store: DataStore
    private let engine: Engine
    private let changes: ChangeLog
    private let textModel: String
    private let logger: Logger
    private let schedule: Schedule
    private let queue = DispatchQueue(label: "cairn snapshots")
    private let state = Locked(State())

    init(
        of store: DataStore, engine: Engine, changes: ChangeLog, textModel: String,
        schedule: Schedule, logger: Logger
    ) {
        self.store = store
        self.engine = engine
        self.changes = changes
        self.textModel = textModel
        self.schedule = schedule
        self.logger = logger
    }

    var report: Report {
        var report = state.withLock { $0.report }
        if report.finishedAt == nil {
            report.finishedAt = store.journal.snapshotFileSeconds.flatMap {
                try? Timestamp(milliseconds: $0 * 1_000)
            }
        }
        return report
    }

    /// Starts one; false when one is being written.
    func start() -> Bool {
        guard begin() else { return false }
        queue.async { [self] in write() }
        return true
    }

    /// Starts one when it is time; called once a second.
    func tick() {
        let status = store.journal.status
        guard status.lastSequence > status.snapshotSequence, status.failure == nil else { return }
        let now = WallClock.monotonicNanoseconds
        let bytes = changes.appendedBytes
        let enough = UInt64(schedule.recordBytes(snapshotBytes: store.journal.snapshotFileBytes))
        let isDue = state.withLock { state in
            let seconds = (now - state.triedNanoseconds) / 1_000_000_000
            let hasFailed = state.report.failure != nil
            if hasFailed, seconds < Int64(Limits.snapshotRetrySeconds) { return false }
            let isLate = schedule.seconds > 0 && seconds >= Int64(schedule.seconds)
            let isLarge =
                schedule.segmentBytes > 0 && bytes - state.bytesAtLast >= enough
            return isLate || isLarge
        }
        if isDue { _ = start() }
    }

    /// Returns when none is being written any more. Blocks.
    func wait() { queue.sync {} }

    /// Writes one and returns when it is there. Blocks.
    func writeNow() {
        while !begin() { wait() }
        queue.sync { write() }
    }

    private func begin() -> Bool {
        state.withLock { state in
            guard !state.report.isRunning else { return false }
            state.report.isRunning = true
            state.triedNanoseconds = WallClock.monotonicNanoseconds
            return true
        }
    }

    private func write() {
        let start = WallClock.monotonicNanoseconds
        let bytes = changes.appendedBytes
        do {
            let (point, copy) = try changes.atRest { (journal) throws(StateError) in
                // In this order: a segment is ended only for a snapshot that can be written.
                let copy = try engine.copyState(textModel: textModel)
                return (journal.snapshotPoint(), copy)
            }
            try store.journal.writeSnapshot(covering: point) { sink in try copy.read(sink) }
            let milliseconds = (WallClock.monotonicNanoseconds - start) / 1_000_000
            state.withLock { state in
                state.bytesAtLast = bytes
                state.report = Report(
                    finishedAt: WallClock.now, tookMilliseconds: milliseconds)
            }
            logger.notice(
                "snapshot written",
                metadata: ["sequence": "\(point)", "milliseconds": "\(milliseconds)"])
        } catch {
            let reason = (error as? StateError)?.message ?? "\(error)"
            state.withLock { state in
                state.report.isRunning = false
                state.report.failure = reason
            }
            logger.error("no snapshot was written", metadata: ["error": "\(reason)"])
        }
    }
}
