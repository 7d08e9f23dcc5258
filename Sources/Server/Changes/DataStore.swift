import Domain
import Engine
import Journal
import Logging
import Synchronization

/// A server's data directory: recovered once at start, written to by the change log from then on.
package final class DataStore: Sendable {
    /// How far a recovery has come.
    struct Progress: Sendable {
        /// The newest record that is known to be there.
        var known: UInt64 = 0
        var sequence: UInt64 = 0
        var snapshotBytes = 0
        /// Of the records that were replayed.
        var recordBytes: UInt64 = 0
    }

    package let path: String
    let journal: EmbeddedJournal
    private let isStopped = Atomic<Bool>(false)
    private let currentProgress = Locked(Progress())

    /// Opens and locks the directory.
    package init(_ path: String, mode: Durability) throws(DataError) {
        self.path = path
        do throws(JournalError) {
            journal = try EmbeddedJournal(directory: path, mode: mode)
        } catch {
            throw .journal(error)
        }
    }

    var progress: Progress { currentProgress.withLock { $0 } }

    /// A recovery that is going on ends with `stopped`.
    func stop() { isStopped.store(true, ordering: .relaxed) }

    /// Reads all that is kept into the engine, which is as new. Blocks.
    ///
    /// - Parameters:
    ///   - textDigest: Of the text model, whose topics and space the data are in.
    ///   - seed: What an empty directory begins with; with `nil` it stays empty.
    func recover(
        into engine: Engine, textDigest: String, seed: [Change]?, logger: Logger
    ) throws(DataError) -> Recovery {
        let replay = Replay(engine, textDigest: textDigest)
        let known = journal.knownSequence
        currentProgress.withLock { $0.known = known }
        var nextReport = WallClock.monotonicNanoseconds + Self.reportNanoseconds
        let recovery = try reading { () throws in
            try journal.recover { piece in
                if isStopped.load(ordering: .relaxed) { throw DataError.stopped }
                try replay.take(piece)
                currentProgress.withLock { $0.count(piece) }
                guard WallClock.monotonicNanoseconds >= nextReport else { return }
                nextReport += Self.reportNanoseconds
                logger.info("loading", metadata: progress.metadata)
            }
        }
        try replay.finish()
        if recovery.lastSequence == 0, let seed {
            let genesis = Genesis(
                tasteDimension: engine.tasteDimension, textDigest: textDigest, changes: seed)
            // What this server cannot take must not be written.
            try replay.take(genesis)
            try begin(with: genesis)
        }
        for note in recovery.notes {
            logger.warning("recovered with a note", metadata: ["note": "\(note)"])
        }
        return recovery
    }

    private static let reportNanoseconds: Int64 = 1_000_000_000

    private func begin(with genesis: Genesis) throws(DataError) {
        do throws(JournalError) {
            _ = try journal.append(genesis.bytes.span) { _ in }
            try journal.flush()
        } catch {
            throw .journal(error)
        }
    }

    private func reading<Value>(_ body: () throws -> Value) throws(DataError) -> Value {
        do {
            return try body()
        } catch let error as DataError {
            throw error
        } catch let error as JournalError {
            throw .journal(error)
        } catch {
            throw .unreadable(what: "the journal", reason: "\(error)")
        }
    }
}

extension DataStore.Progress {
    fileprivate mutating func count(_ piece: Recovered) {
        switch piece {
        case .snapshot(let bytes): snapshotBytes += bytes.count
        case .record(let sequence, let bytes):
            self.sequence = sequence
            recordBytes += UInt64(bytes.count)
        }
    }

    fileprivate var metadata: Logger.Metadata {
        ["sequence": "\(sequence)", "of": "\(known)", "snapshot_bytes": "\(snapshotBytes)"]
    }
}
