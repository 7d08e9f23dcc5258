import Foundation
import Glibc

/// A journal's directory: its lock, its format, and the names of the files in it.
///
///     format                                the text "cairn journal 1"
///     lock                                  locked while a process has the directory open; its pid
///     synced                                the newest sequence that was synced (SyncedMark)
///     segment-FIRST.sqlite                  records from FIRST on (SegmentFile)
///     segment-FIRST.sqlite-wal              of the segment that is written to
///     segment-FIRST.sha256                  the digest of the .sqlite file
///     snapshot-SEQUENCE                     stands for the records up to SEQUENCE (SnapshotFile)
///     *.new, *.new-*                        what a crash left half made; removed
///     lost/                                 what a repair took out
///
/// FIRST and SEQUENCE have 20 digits, so names sort as numbers do.
final class DataDirectory: Sendable {
    static let formatVersion = 1
    private static let formatPrefix = "cairn journal "

    let path: String
    /// The locked file; open for as long as this lives.
    private let lock: Int32

    /// Opens and locks a directory; an empty one becomes a journal.
    init(_ path: String) throws(JournalError) {
        self.path = path
        var isDirectory: ObjCBool = false
        guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory),
            isDirectory.boolValue
        else { throw .missingDirectory(path) }
        let names = try Self.names(in: path)
        guard
            names.isEmpty || names.contains("format")
                || names.allSatisfy({ $0 == "lock" || $0 == "format.new" })
        else { throw .notAJournal(path) }
        lock = try Self.lock(path)
        if names.contains("format") {
            try Self.checkFormat(path)
        } else {
            try Self.writeDurably(
                Array("\(Self.formatPrefix)\(Self.formatVersion)\n".utf8), to: path + "/format")
        }
    }

    /// Unlocks as well: a process that is being started holds a copy of the descriptor for a
    /// moment.
    deinit {
        unlock()
        _ = Glibc.close(lock)
    }

    /// Lets another open the directory.
    func unlock() { _ = flock(lock, LOCK_UN) }

    // MARK: Names

    func file(_ name: String) -> String { "\(path)/\(name)" }

    static func name(_ kind: String, _ sequence: UInt64, _ suffix: String = "") -> String {
        let digits = String(sequence)
        return "\(kind)-" + String(repeating: "0", count: 20 - digits.count) + digits + suffix
    }

    /// The sequences in the names `KIND-SEQUENCE SUFFIX`, ascending.
    func sequences(of kind: String, suffix: String = "") throws(JournalError) -> [UInt64] {
        try Self.names(in: path).compactMap { name in
            guard name.hasPrefix(kind + "-"), name.hasSuffix(suffix) else { return nil }
            let digits = name.dropFirst(kind.count + 1).dropLast(suffix.count)
            return digits.count == 20 ? UInt64(digits) : nil
        }.sorted()
    }

    func removeHalfMade() throws(JournalError) {
        for name in try Self.names(in: path)
        where name.hasSuffix(".new") || name.contains(".new-") || name.hasSuffix("-shm") {
            try PosixFile.remove(file(name))
        }
    }

    func sync() throws(JournalError) { try PosixFile.syncDirectory(path) }

    /// Moves a file to `lost/`, where no recovery looks.
    func setAside(_ name: String) throws(JournalError) {
        guard PosixFile.size(file(name)) != nil else { return }
        let lost = file("lost")
        if unsafe mkdir(lost, 0o755) != 0, errno != EEXIST {
            throw .disk(file: lost, reason: PosixFile.reason)
        }
        try PosixFile.rename(file(name), to: "\(lost)/\(name)")
        try PosixFile.syncDirectory(lost)
        try sync()
    }

    /// Writes a whole file so that a crash leaves either none or all of it.
    static func writeDurably(_ bytes: [UInt8], to path: String) throws(JournalError) {
        do throws(JournalError) {
            let new = try PosixFile(path + ".new", O_WRONLY | O_CREAT | O_TRUNC)
            try new.write(bytes.span)
            try new.sync()
            try PosixFile.rename(path + ".new", to: path)
        } catch {
            try? PosixFile.remove(path + ".new")
            throw error
        }
        try PosixFile.syncDirectory(URL(filePath: path).deletingLastPathComponent().path())
    }

    // MARK: Opening

    private static func names(in path: String) throws(JournalError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw .disk(file: path, reason: "cannot be listed: \(error)")
        }
    }

    /// Tries for a moment: a server that was killed may have begun a snapshot's child, which lets go
    /// of the lock as its first act, but only once it runs.
    private static func holdLock(_ descriptor: Int32) -> Bool {
        let (tries, waitMicroseconds) = (40, UInt32(50_000))
        for turn in 0..<tries {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
            if turn + 1 < tries { usleep(waitMicroseconds) }
        }
        return false
    }

    private static func lock(_ path: String) throws(JournalError) -> Int32 {
        let file = path + "/lock"
        let descriptor = unsafe Glibc.open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw .unwritableDirectory(path, reason: PosixFile.reason)
        }
        guard holdLock(descriptor) else {
            _ = Glibc.close(descriptor)
            let holder = try? String(contentsOfFile: file, encoding: .utf8)
            throw .lockedDirectory(
                path, holder: holder?.trimmingCharacters(in: .whitespacesAndNewlines) ?? "unknown")
        }
        let pid = Array("\(getpid())\n".utf8)
        let written = unsafe pid.withUnsafeBytes { source in
            unsafe ftruncate(descriptor, 0) == 0
                && Glibc.pwrite(descriptor, source.baseAddress, source.count, 0) == source.count
        }
        guard written else {
            let reason = PosixFile.reason
            _ = Glibc.close(descriptor)
            throw .unwritableDirectory(path, reason: reason)
        }
        return descriptor
    }

    private static func checkFormat(_ path: String) throws(JournalError) {
        guard let text = try? String(contentsOfFile: path + "/format", encoding: .utf8) else {
            throw .wrongFormat(path, found: "unreadable")
        }
        guard text.hasPrefix(formatPrefix), text.hasSuffix("\n"),
            let version = Int(text.dropFirst(formatPrefix.count).dropLast()), version > 0
        else { throw .wrongFormat(path, found: String(text.prefix(64))) }
        guard version <= formatVersion else {
            throw .newerFormat(path, found: version, supported: formatVersion)
        }
    }
}
