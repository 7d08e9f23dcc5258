import Digest
import Glibc

/// The newest sequence that is known to be on the disk: what a recovery must find, at least.
///
/// SQLite drops everything after the first bad byte of a write-ahead log without a word, and a file
/// can be cut short. What was synced and is gone shows against this mark. It is written after each
/// sync and not synced itself, so it may be too low after a loss of power, and is never too high.
///
///     0     | count u64 | sequence u64 | SHA-256 of the 16 bytes before |     little-endian
///     512   the same: writes alternate, so that a torn one leaves the other
enum SyncedMark {
    private static let slotBytes = 512
    private static let usedBytes = 16 + SHA256Digest.bytesCount

    /// What the mark says; with both slots damaged, nothing.
    struct Reading {
        var count: UInt64 = 0
        var sequence: UInt64 = 0
        var damagedSlots = 0
    }

    /// Nil when there is no mark.
    static func read(_ path: String) throws(JournalError) -> Reading? {
        guard PosixFile.size(path) != nil else { return nil }
        let bytes = try PosixFile(path, O_RDONLY).read(2 * slotBytes)
        var reading = Reading()
        for start in [0, slotBytes] {
            guard bytes.count >= start + usedBytes else {
                reading.damagedSlots += 1
                continue
            }
            let numbers = Array(bytes[start..<start + 16])
            let checksum = Array(bytes[start + 16..<start + usedBytes])
            guard checksum == self.checksum(of: numbers) else {
                reading.damagedSlots += 1
                continue
            }
            let count = integer(numbers[..<8])
            guard count >= reading.count else { continue }
            reading.count = count
            reading.sequence = integer(numbers[8...])
        }
        return reading
    }

    /// Both slots anew, durably.
    static func reset(_ path: String, to sequence: UInt64) throws(JournalError) {
        var bytes = [UInt8](repeating: 0, count: 2 * slotBytes)
        for (start, count) in [(0, UInt64(0)), (slotBytes, 1)] {
            let slot = Self.slot(count: count, sequence: sequence)
            bytes.replaceSubrange(start..<start + slot.count, with: slot)
        }
        try DataDirectory.writeDurably(bytes, to: path)
    }

    /// Writes marks in the course of serving; one thread's.
    struct Writer: ~Copyable {
        private let file: PosixFile
        private var count: UInt64

        init(_ path: String, after reading: Reading) throws(JournalError) {
            file = try PosixFile(path, O_WRONLY)
            count = reading.count
        }

        /// That this fails is no harm to what was synced, so it is not told.
        mutating func write(_ sequence: UInt64) {
            count += 1
            try? file.write(
                slot(count: count, sequence: sequence), at: Int(count % 2) * slotBytes)
        }
    }

    private static func slot(count: UInt64, sequence: UInt64) -> [UInt8] {
        let numbers = [count, sequence].flatMap { value in
            stride(from: 0, to: 64, by: 8).map { UInt8(truncatingIfNeeded: value >> UInt64($0)) }
        }
        return numbers + checksum(of: numbers)
    }

    private static func checksum(of numbers: [UInt8]) -> [UInt8] {
        var stream = SHA256Digest.Stream()
        stream.add(numbers.span)
        return stream.finish()
    }

    private static func integer(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
