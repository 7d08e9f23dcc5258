import Digest
import Domain
import Foundation
import GRDB
import Glibc

/// A segment while it is written: an SQLite file in write-ahead mode, one row a batch.
///
///     batch | first INTEGER PRIMARY KEY | count INTEGER | bytes BLOB | checksum BLOB |
///
/// Rows go to the log alone (`segment-FIRST.sqlite-wal`); the file itself stays as it was made
/// until `seal` moves everything into it. So a commit is one append to one file, and this syncs the
/// log itself: SQLite runs with synchronous = NORMAL, which syncs at a seal and not at a commit.
/// GRDB resets that pragma while it opens a file, so it is set, and read back, after opening.
///
/// Opened once made: `create` leaves a whole file or none. One thread's at a time.
final class SegmentFile: Sendable {
    let first: UInt64
    private let directory: DataDirectory
    private let database: DatabaseQueue
    /// The log, opened a second time to be synced.
    private let log: PosixFile

    static func name(_ first: UInt64) -> String { DataDirectory.name("segment", first, ".sqlite") }
    static func logName(_ first: UInt64) -> String { name(first) + "-wal" }
    static func digestName(_ first: UInt64) -> String {
        DataDirectory.name("segment", first, ".sha256")
    }

    // MARK: Making

    /// Makes the segment for records from `first` on. What lies under its name was never
    /// acknowledged, and goes.
    static func create(_ first: UInt64, in directory: DataDirectory) throws(JournalError)
        -> SegmentFile
    {
        try remove(first, from: directory)
        let path = directory.file(name(first))
        try build(path + ".new", holding: [], isSealed: false)
        try writeDigest(of: path + ".new", for: first, in: directory)
        try PosixFile.rename(path + ".new", to: path)
        let segment = try SegmentFile(first, in: directory)
        try directory.sync()
        return segment
    }

    /// Writes a whole segment under a name of its own, synced.
    static func build(_ path: String, holding batches: [Batch], isSealed: Bool) throws(JournalError)
    {
        for suffix in ["", "-wal", "-journal"] { try PosixFile.remove(path + suffix) }
        try attempt(path) {
            let database = try open(path)
            try database.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA page_size = \(Limits.journalPageBytes)")
                _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL")
                try db.execute(
                    sql: """
                        CREATE TABLE batch (
                            first INTEGER PRIMARY KEY, count INTEGER NOT NULL,
                            bytes BLOB NOT NULL, checksum BLOB NOT NULL)
                        """)
                for batch in batches { try insert(batch, db) }
                try finish(db, isSealed: isSealed)
            }
            try database.close()
        }
        try PosixFile(path, O_RDONLY).sync()
    }

    static func remove(_ first: UInt64, from directory: DataDirectory) throws(JournalError) {
        // The file that gives the segment its name goes last, so that a crash leaves no litter.
        let journal = name(first) + "-journal"
        for name in [logName(first), journal, digestName(first), name(first)] {
            try PosixFile.remove(directory.file(name))
        }
    }

    /// Opens a segment to write or to seal it.
    init(_ first: UInt64, in directory: DataDirectory) throws(JournalError) {
        self.first = first
        self.directory = directory
        log = try PosixFile(directory.file(Self.logName(first)), O_RDWR | O_CREAT)
        let path = directory.file(Self.name(first))
        database = try Self.attempt(path) {
            let database = try Self.open(path)
            // The first read makes sure that it is a segment, and takes SQLite's locks for good.
            _ = try database.writeWithoutTransaction { db in
                try Int.fetchOne(db, sql: "SELECT count(*) FROM (SELECT 1 FROM batch LIMIT 1)")
            }
            return database
        }
    }

    // MARK: Writing

    /// Bytes in the log.
    var bytesCount: Int { PosixFile.size(log.path) ?? 0 }

    /// Adds one row; it survives the process from here on, and a loss of power from `sync` on.
    func append(_ batch: Batch) throws(JournalError) {
        try Self.attempt(database.path) {
            try database.writeWithoutTransaction { db in try Self.insert(batch, db) }
        }
    }

    func sync() throws(JournalError) { try log.sync() }

    /// Syncs a segment that is not open, as it is.
    static func sync(_ first: UInt64, in directory: DataDirectory) throws(JournalError) {
        for name in [name(first), logName(first)] where PosixFile.size(directory.file(name)) != nil
        {
            try PosixFile(directory.file(name), O_RDONLY).sync()
        }
    }

    /// Moves the log into the file and closes it; rows from `end` on, if any, are taken out before.
    ///
    /// A crash at any point leaves a segment that reads the same: the digest goes first, and is
    /// written last.
    func seal(before end: UInt64? = nil) throws(JournalError) {
        try forgetDigest()
        try Self.attempt(database.path) {
            try database.writeWithoutTransaction { db in
                if let end {
                    try db.execute(
                        sql: "DELETE FROM batch WHERE first >= ?", arguments: [Int64(end)])
                }
                try Self.finish(db, isSealed: true)
            }
            try database.close()
        }
        try PosixFile(database.path, O_RDONLY).sync()
        try Self.writeDigest(of: database.path, for: first, in: directory)
    }

    /// Undoes the last step of a seal that a crash interrupted, which a reader may not. The log was
    /// in the file by then, so nothing of it can be lost here.
    static func undoInterruptedSeal(_ first: UInt64, in directory: DataDirectory)
        throws(JournalError)
    {
        let path = directory.file(name(first))
        guard PosixFile.size(path + "-journal") != nil, PosixFile.size(path + "-wal") ?? 0 == 0
        else { return }
        try attempt(path) {
            let database = try open(path)
            _ = try database.writeWithoutTransaction { db in
                try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master")
            }
            try database.close()
        }
    }

    /// Closes a segment after an error. SQLite moves what it can into the file as it closes, so the
    /// digest has to go first; if it cannot, the connection is left open for good.
    func abandon() {
        do {
            try forgetDigest()
            try database.close()
        } catch {
            _ = unsafe Unmanaged.passRetained(self)
        }
    }

    private func forgetDigest() throws(JournalError) {
        try PosixFile.remove(directory.file(Self.digestName(first)))
        try directory.sync()
    }

    static func writeDigest(of path: String, for first: UInt64, in directory: DataDirectory)
        throws(JournalError)
    {
        let digest = SHA256Digest.hexadecimal(try digest(of: path))
        try DataDirectory.writeDurably(
            Array("\(digest)\n".utf8), to: directory.file(digestName(first)))
    }

    /// The digest of a whole file.
    static func digest(of path: String) throws(JournalError) -> [UInt8] {
        let file = try PosixFile(path, O_RDONLY)
        var stream = SHA256Digest.Stream()
        while true {
            let bytes = try file.read(1 << 20)
            guard !bytes.isEmpty else { return stream.finish() }
            stream.add(bytes.span)
        }
    }

    // MARK: SQLite

    private static func open(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.label = "journal"
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA locking_mode = EXCLUSIVE")
        }
        let database = try DatabaseQueue(path: path, configuration: configuration)
        try database.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA synchronous = NORMAL")
            try db.execute(sql: "PRAGMA wal_autocheckpoint = 0")
            let synchronous = try Int.fetchOne(db, sql: "PRAGMA synchronous")
            precondition(synchronous == 1, "SQLite took no synchronous = NORMAL")
        }
        return database
    }

    private static func insert(_ batch: Batch, _ db: Database) throws {
        let statement = try db.cachedStatement(sql: "INSERT INTO batch VALUES (?, ?, ?, ?)")
        try statement.execute(arguments: [
            Int64(batch.first), Int64(batch.count), Data(batch.bytes), Data(batch.checksum),
        ])
    }

    /// Empties the log into the file; a sealed file needs no log to be read.
    private static func finish(_ db: Database, isSealed: Bool) throws {
        let isBusy = try Int.fetchOne(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        guard isBusy == 0 else { throw DatabaseError(resultCode: .SQLITE_BUSY) }
        if isSealed {
            _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = DELETE")
        }
    }

    /// Runs `body` and gives SQLite's errors this module's form.
    static func attempt<Result>(_ path: String, _ body: () throws -> Result) throws(JournalError)
        -> Result
    {
        do {
            return try body()
        } catch let error as JournalError {
            throw error
        } catch let error as DatabaseError {
            throw .disk(file: path, reason: words(error))
        } catch {
            throw .disk(file: path, reason: "\(error)")
        }
    }

    static func words(_ error: DatabaseError) -> String {
        "SQLite \(error.extendedResultCode.rawValue): \(error.message ?? "no words")"
    }
}
