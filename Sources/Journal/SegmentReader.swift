import Digest
import Foundation
import GRDB
import Glibc

/// Reads a segment, sealed or as a crash left it, and changes nothing in it.
///
/// The connection is read-only: SQLite would otherwise move the log into the file as it closes, and
/// with it throw away what follows a bad byte. Only a segment that is not sealed needs room on the
/// disk to be read, some 32 KiB for the index of its log.
struct SegmentReader {
    let first: UInt64
    /// The log as it was before SQLite saw it.
    let log: WriteAheadLog
    private let directory: DataDirectory

    init(_ first: UInt64, in directory: DataDirectory) throws(JournalError) {
        self.first = first
        self.directory = directory
        try SegmentFile.undoInterruptedSeal(first, in: directory)
        log = try WriteAheadLog(directory.file(SegmentFile.logName(first)))
    }

    var name: String { SegmentFile.name(first) }

    /// Whether everything is in the one file and its digest is written.
    var isSealed: Bool {
        PosixFile.size(directory.file(SegmentFile.logName(first))) == nil
            && PosixFile.size(directory.file(SegmentFile.digestName(first))) != nil
    }

    /// Hands out the batches in order, up to those that begin at `end` or later.
    ///
    /// What cannot be read goes to `fault`, with the sequences it takes along and `nil` for an
    /// upper bound that only a later file knows.
    /// - Returns: the sequence after the last batch.
    func read(
        before end: UInt64?, _ visit: (Batch) throws -> Void,
        fault: (_ lower: UInt64, _ upper: UInt64?, _ reason: String) throws -> Void
    ) throws -> UInt64 {
        var place = first
        do {
            try withRows { rows in
                // A row that is wrong counts as missing: the next good one shows what it took
                // along.
                var wrong: String?
                while let row = try rows.next() {
                    let start = Self.sequence(row, 0)
                    if let end, let start, start >= end { break }
                    guard let start, let batch = Self.batch(row), start >= place,
                        end.map({ batch.end <= $0 }) ?? true
                    else {
                        wrong = wrong ?? "the checksum of a batch is wrong"
                        continue
                    }
                    if start > place {
                        try fault(place, start - 1, wrong ?? "a batch is missing")
                    }
                    wrong = nil
                    try visit(batch)
                    place = batch.end
                }
                if let wrong { try fault(place, end.map { $0 - 1 }, wrong) }
            }
        } catch let error as DatabaseError {
            switch (error.resultCode, error.extendedResultCode) {
            case (_, .SQLITE_IOERR_SHORT_READ), (.SQLITE_CORRUPT, _), (.SQLITE_NOTADB, _),
                (.SQLITE_ERROR, _), (.SQLITE_FORMAT, _):
                try fault(place, nil, "SQLite finds that \(error.message ?? "it is unreadable")")
            default:
                throw JournalError.disk(
                    file: directory.file(name), reason: SegmentFile.words(error))
            }
        }
        return place
    }

    /// Whether the file itself is, byte for byte, what was written; true when no digest says.
    func matchesDigest() throws(JournalError) -> Bool {
        let path = directory.file(SegmentFile.digestName(first))
        guard PosixFile.size(path) != nil else { return true }
        let written = try PosixFile(path, O_RDONLY).read(256)
        let digest = try SegmentFile.digest(of: directory.file(name))
        return written == Array("\(SHA256Digest.hexadecimal(digest))\n".utf8)
    }

    // MARK: SQLite

    private func withRows(_ body: (RowCursor) throws -> Void) throws {
        var configuration = Configuration()
        configuration.label = "journal reader"
        configuration.readonly = true
        let database = try DatabaseQueue(
            path: directory.file(name), configuration: configuration)
        defer {
            try? database.close()
            // Read-only, SQLite leaves the index of the log behind, and an empty log.
            try? PosixFile.remove(directory.file(name + "-shm"))
            if PosixFile.size(directory.file(name + "-wal")) == 0 {
                try? PosixFile.remove(directory.file(name + "-wal"))
            }
        }
        try database.read { db in
            try body(
                Row.fetchCursor(
                    db, sql: "SELECT first, count, bytes, checksum FROM batch ORDER BY first"))
        }
    }

    private static func sequence(_ row: Row, _ column: Int) -> UInt64? {
        guard let value = Int64.fromDatabaseValue(row[column]), value > 0 else { return nil }
        return UInt64(value)
    }

    /// The batch of a row whose checksum is right.
    private static func batch(_ row: Row) -> Batch? {
        guard let first = sequence(row, 0), let count = sequence(row, 1),
            let bytes = Data.fromDatabaseValue(row[2]), let sum = Data.fromDatabaseValue(row[3])
        else { return nil }
        let batch = Batch(first: first, count: count, bytes: Array(bytes))
        return batch.checksum == Array(sum) ? batch : nil
    }
}
