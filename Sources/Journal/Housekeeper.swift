import Dispatch
import Synchronization

/// Work on files that nobody waits for: sealing segments that are full, removing what a snapshot
/// covers. One thing at a time, off the writer's thread.
///
/// What fails here loses nothing: an unsealed segment reads the same, and a covered one is skipped.
/// It shows as the status's warning, and is done again by the next recovery.
final class Housekeeper: Sendable {
    private struct State {
        var snapshot: UInt64 = 0
        /// Segments that are not written to: the sequence after the last, by first.
        var ends: [UInt64: UInt64] = [:]
        var warning: String?
    }

    private let directory: DataDirectory
    private let jobs = DispatchQueue(label: "journal housekeeping")
    private let state = Mutex(State())

    init(_ directory: DataDirectory) { self.directory = directory }

    /// What a recovery found.
    func open(snapshot: UInt64, ends: [UInt64: UInt64]) {
        state.withLock { state in
            state.snapshot = snapshot
            state.ends = ends
        }
    }

    var snapshot: UInt64 { state.withLock { $0.snapshot } }
    var warning: String? { state.withLock { $0.warning } }

    /// Seals a segment whose last sequence is before `end`.
    func seal(_ segment: SegmentFile, end: UInt64) {
        jobs.async { [self] in
            attempt { () throws(JournalError) in try segment.seal() }
            state.withLock { $0.ends[segment.first] = end }
            sweep()
        }
    }

    /// Minds a segment that was given up, with records before `end` that count.
    func mind(_ first: UInt64, end: UInt64) {
        guard first < end else { return }
        state.withLock { $0.ends[first] = end }
    }

    /// A snapshot is in place: what it covers goes.
    func cover(_ sequence: UInt64) {
        state.withLock { $0.snapshot = max($0.snapshot, sequence) }
        jobs.async { [self] in sweep() }
    }

    func warn(_ text: String) { state.withLock { $0.warning = text } }

    /// Returns when all that was asked for is done.
    func wait() { jobs.sync {} }

    private func sweep() {
        let (snapshot, ends) = state.withLock { ($0.snapshot, $0.ends) }
        for (first, end) in ends.sorted(by: { $0.key < $1.key }) where end <= snapshot + 1 {
            attempt { () throws(JournalError) in
                try SegmentFile.remove(first, from: directory)
                state.withLock { $0.ends[first] = nil }
            }
        }
        attempt { () throws(JournalError) in
            for sequence in try directory.sequences(of: "snapshot") where sequence < snapshot {
                try PosixFile.remove(directory.file(SnapshotFile.name(sequence)))
            }
            try directory.sync()
        }
    }

    private func attempt(_ job: () throws(JournalError) -> Void) {
        do {
            try job()
        } catch {
            warn("\(error)")
        }
    }
}
