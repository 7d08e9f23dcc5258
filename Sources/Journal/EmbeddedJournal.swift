import Dispatch
import Domain
import Foundation
import Synchronization

/// A journal in a directory of this machine: segments in SQLite, snapshots beside them.
///
///     callers -> AppendQueue -> JournalWriter -> SegmentFile        one thread writes
///                                    |
///                                    `-> Housekeeper                another seals and removes
///
/// Open it, `recover` once, then append. `close` before letting go: the writer's thread keeps it
/// alive.
package final class EmbeddedJournal: Journal {
    private let directory: DataDirectory
    private let mode: Durability
    private let segmentBytesMax: Int
    private let queue: AppendQueue
    private let housekeeper: Housekeeper
    /// One snapshot at a time.
    private let snapshotTurn = Mutex(())
    /// What the writer ended with, once it has.
    private let outcome = Mutex<Result<Void, JournalError>?>(nil)
    private let writerEnd = DispatchSemaphore(value: 0)

    /// Opens and locks a directory that exists; an empty one becomes a journal.
    /// - Throws: `missingDirectory`, `unwritableDirectory`, `lockedDirectory`, `notAJournal`,
    ///   `wrongFormat`, `newerFormat`.
    package init(
        directory path: String, mode: Durability = .everysec,
        segmentBytesMax: Int = Limits.journalSegmentBytesMax
    ) throws(JournalError) {
        directory = try DataDirectory(path)
        self.mode = mode
        queue = AppendQueue(mode: mode)
        housekeeper = Housekeeper(directory)
        self.segmentBytesMax = segmentBytesMax
    }

    /// The newest record that is known to be there, before anything is read; 0 when the mark that
    /// says so is not to be read.
    package var knownSequence: UInt64 {
        (try? SyncedMark.read(directory.file("synced")))?.sequence ?? 0
    }

    /// When the newest snapshot was written, in seconds since 1970; `nil` without one.
    package var snapshotFileSeconds: Int64? {
        let sequence = housekeeper.snapshot
        guard sequence > 0 else { return nil }
        return PosixFile.modifiedSeconds(directory.file(SnapshotFile.name(sequence)))
    }

    /// Bytes of the newest snapshot; 0 without one.
    package var snapshotFileBytes: Int {
        let sequence = housekeeper.snapshot
        return sequence > 0 ? PosixFile.size(directory.file(SnapshotFile.name(sequence))) ?? 0 : 0
    }

    package func recover(_ visit: (Recovered) throws -> Void) throws -> Recovery {
        try directory.removeHalfMade()
        var survey = Survey(directory)
        try survey.walk(visit: visit, fault: { throw JournalError.damaged($0.damage) })
        let last = survey.recovery.lastSequence
        housekeeper.open(
            snapshot: survey.recovery.snapshotSequence,
            ends: Dictionary(uniqueKeysWithValues: survey.liveSegments.map { ($0.first, $0.end) }))
        for extent in survey.liveSegments { try SegmentFile.sync(extent.first, in: directory) }
        settle(survey)
        try startWriter(after: last, mark: survey.mark)
        return survey.recovery
    }

    private func startWriter(
        after last: UInt64, mark: SyncedMark.Reading
    ) throws(JournalError) {
        let path = directory.file("synced")
        if PosixFile.size(path) == nil { try SyncedMark.reset(path, to: 0) }
        // Locked once, by the thread that runs it.
        let writer = Mutex(
            JournalWriter(
                mode: mode, directory: directory, queue: queue, housekeeper: housekeeper,
                segmentBytesMax: segmentBytesMax, mark: try SyncedMark.Writer(path, after: mark),
                last: last))
        queue.open(after: last)
        let thread = Thread { [self] in
            let ended = writer.withLock { $0.run() }
            outcome.withLock { $0 = ended }
            writerEnd.signal()
        }
        thread.name = "journal"
        thread.start()
    }

    // MARK: Journal

    package func append(
        _ record: Span<UInt8>,
        completion: @escaping @Sendable (Result<UInt64, JournalError>) -> Void
    ) throws(JournalError) -> UInt64 {
        try queue.append(record, completion: completion)
    }

    package func waitForRoom() { queue.waitForRoom() }

    package func flush() throws(JournalError) { try queue.flush() }

    package func snapshotPoint() -> UInt64 { queue.endSegment() }

    package func writeSnapshot(
        covering sequence: UInt64, _ produce: ((Span<UInt8>) throws -> Void) throws -> Void
    ) throws {
        // What a snapshot stands for may no more be taken back.
        try queue.flush(through: sequence)
        try snapshotTurn.withLock { _ in
            try SnapshotFile.write(covering: sequence, in: directory, produce)
        }
        housekeeper.cover(sequence)
    }

    package var status: JournalStatus {
        queue.status(snapshot: housekeeper.snapshot, warning: housekeeper.warning)
    }

    package func close() throws(JournalError) {
        if queue.close() {
            writerEnd.wait()
            writerEnd.signal()
            housekeeper.wait()
        }
        directory.unlock()
        try outcome.withLock { outcome throws(JournalError) in try outcome?.get() }
    }

    /// Returns when what was asked of the background is done: sealing, and removing what is
    /// covered.
    package func settleBackground() { housekeeper.wait() }

    /// Seals what a crash left open and removes what is not needed. A full disk hinders it, and
    /// does not keep anyone from reading.
    private func settle(_ survey: Survey) {
        let last = survey.recovery.lastSequence
        do throws(JournalError) {
            for extent in survey.liveSegments {
                guard try !SegmentReader(extent.first, in: directory).isSealed else { continue }
                try SegmentFile(extent.first, in: directory).seal(before: extent.end)
            }
            for first in survey.coveredSegments {
                try SegmentFile.remove(first, from: directory)
            }
            for sequence in survey.coveredSnapshots {
                try PosixFile.remove(directory.file(SnapshotFile.name(sequence)))
            }
            if last != survey.mark.sequence {
                try SyncedMark.reset(directory.file("synced"), to: last)
            }
        } catch {
            housekeeper.warn("\(error)")
        }
    }
}
