import Domain
import Glibc

/// SQLite's write-ahead log, read before SQLite reads it.
///
/// SQLite takes the log up to the first frame whose checksum is wrong, and forgets the rest without
/// a word: a bit that flipped in the middle would silently end the journal there. This tells the
/// two apart. A segment's log is never reset while it grows, so every frame in it is of one
/// generation.
///
///     | header 32 | frame | frame | ...       frame = | header 24 | page |
///     header: magic, version, page size, count, salt 1, salt 2, checksum 1, checksum 2
///     frame header: page, pages after commit or 0, salt 1, salt 2, checksum 1, checksum 2
///
/// All are big-endian u32; checksums run on from frame to frame
/// (https://www.sqlite.org/fileformat.html).
struct WriteAheadLog: Equatable {
    enum End: Equatable {
        /// The last transaction ends the file.
        case clean
        /// One transaction more was begun and did not reach the disk whole.
        case torn(bytes: Int)
        /// Something whole follows what cannot be read: this was no crash.
        case damaged(offset: Int)
    }

    static let headerBytes = 32
    static let frameHeaderBytes = 24
    static let frameBytes = frameHeaderBytes + Limits.journalPageBytes

    /// Bytes up to the end of the last whole transaction.
    private(set) var validBytes = 0
    private(set) var end = End.clean

    /// Reads a log; a missing or empty one is clean.
    init(_ path: String) throws(JournalError) {
        guard let size = PosixFile.size(path), size > 0 else { return }
        let file = try PosixFile(path, O_RDONLY)
        var reader = FrameReader(header: try file.read(Self.headerBytes))
        var offset = Self.headerBytes
        /// Where the first transaction ends that was not found whole.
        var brokenEnd: Int?
        while brokenEnd == nil {
            let frame = try file.read(Self.frameBytes)
            guard frame.count == Self.frameBytes else { break }
            offset += Self.frameBytes
            let valid = reader.accepts(frame)
            guard FrameReader.word(frame, 4) != 0 else { continue }
            if valid { validBytes = offset } else { brokenEnd = offset }
        }
        if let brokenEnd, brokenEnd < size {
            end = .damaged(offset: validBytes)
        } else if size > validBytes {
            end = .torn(bytes: size - validBytes)
        }
    }
}

/// Follows the running checksum from frame to frame.
private struct FrameReader {
    private let header: [UInt8]
    private var sums: (UInt32, UInt32) = (0, 0)
    private var isValid: Bool
    private let isBigEndian: Bool

    init(header: [UInt8]) {
        self.header = header
        guard header.count == WriteAheadLog.headerBytes else {
            (isValid, isBigEndian) = (false, false)
            return
        }
        let magic = Self.word(header, 0)
        isBigEndian = magic & 1 == 1
        isValid = magic & ~1 == 0x377F_0682 && Self.word(header, 8) == Limits.journalPageBytes
        add(header, 0..<24)
        isValid = isValid && Self.word(header, 24) == sums.0 && Self.word(header, 28) == sums.1
    }

    /// Whether this frame and all before it are as they were written.
    mutating func accepts(_ frame: [UInt8]) -> Bool {
        guard isValid else { return false }
        add(frame, 0..<8)
        add(frame, WriteAheadLog.frameHeaderBytes..<frame.count)
        isValid =
            frame[8..<16] == header[16..<24] && Self.word(frame, 16) == sums.0
            && Self.word(frame, 20) == sums.1
        return isValid
    }

    private mutating func add(_ bytes: [UInt8], _ range: Range<Int>) {
        var (first, second) = sums
        for place in stride(from: range.lowerBound, to: range.upperBound, by: 8) {
            first = first &+ word(bytes, place) &+ second
            second = second &+ word(bytes, place + 4) &+ first
        }
        sums = (first, second)
    }

    private func word(_ bytes: [UInt8], _ place: Int) -> UInt32 {
        isBigEndian ? Self.word(bytes, place) : Self.word(bytes, place).byteSwapped
    }

    /// A big-endian number.
    static func word(_ bytes: [UInt8], _ place: Int) -> UInt32 {
        let span = bytes.span
        return UInt32(span[place]) << 24 | UInt32(span[place + 1]) << 16
            | UInt32(span[place + 2]) << 8 | UInt32(span[place + 3])
    }
}
