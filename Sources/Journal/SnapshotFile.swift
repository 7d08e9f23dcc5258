import Digest
import Domain
import Glibc

/// A snapshot: opaque bytes in chunks, each with its checksum, under a header that says what they
/// stand for.
///
///     header   | "cairnsnap 1\n" 12 bytes | sequence u64 | checksum 32 |
///     chunk    | length u32, not 0 | checksum 32 | bytes |
///     end      | length 0 u32 | bytes in all u64 | checksum 32 |              little-endian
///
/// A checksum is the SHA-256 of everything in the file before it, and of a chunk's bytes: each
/// proves all that came before, and the last one is the digest of the whole.
enum SnapshotFile {
    private static let magic = Array("cairnsnap 1\n".utf8)

    static func name(_ sequence: UInt64) -> String { DataDirectory.name("snapshot", sequence) }

    /// Writes a snapshot to a temporary file, syncs it, and gives it its name.
    static func write(
        covering sequence: UInt64, in directory: DataDirectory,
        _ produce: ((Span<UInt8>) throws -> Void) throws -> Void
    ) throws {
        let path = directory.file(name(sequence))
        do {
            let file = try PosixFile(path + ".new", O_WRONLY | O_CREAT | O_TRUNC)
            var running = Running()
            try file.write((running.seal(magic + Self.bytes(sequence, 8))).span)
            var chunk: [UInt8] = []
            chunk.reserveCapacity(Limits.snapshotChunkBytesMax)
            var total: UInt64 = 0
            func flush() throws {
                guard !chunk.isEmpty else { return }
                try file.write(running.seal(Self.bytes(UInt64(chunk.count), 4), with: chunk).span)
                try file.write(chunk.span)
                total += UInt64(chunk.count)
                chunk.removeAll(keepingCapacity: true)
            }
            try produce { bytes in
                var start = 0
                while start < bytes.count {
                    let room = Limits.snapshotChunkBytesMax - chunk.count
                    let end = min(bytes.count, start + room)
                    unsafe bytes.withUnsafeBytes { source in
                        unsafe chunk.append(contentsOf: source[start..<end])
                    }
                    start = end
                    if chunk.count == Limits.snapshotChunkBytesMax { try flush() }
                }
            }
            try flush()
            try file.write(running.seal(Self.bytes(0, 4) + Self.bytes(total, 8)).span)
            try file.sync()
            try PosixFile.rename(path + ".new", to: path)
            try directory.sync()
        } catch {
            try? PosixFile.remove(path + ".new")
            throw error
        }
    }

    /// Reads a snapshot to its end; `visit` gets each chunk once its checksum is found right.
    /// - Throws: `SnapshotFault` for bytes that are not what was written.
    static func read(
        _ sequence: UInt64, in directory: DataDirectory, _ visit: ([UInt8]) throws -> Void
    ) throws {
        let file = try PosixFile(directory.file(name(sequence)), O_RDONLY)
        var running = Running()
        var offset = 0
        func take(_ count: Int) throws -> [UInt8] {
            let bytes = try file.read(count)
            guard bytes.count == count else { throw SnapshotFault(offset: offset, "it ends early") }
            offset += count
            return bytes
        }
        func check(_ head: [UInt8], _ checksum: [UInt8], with body: [UInt8] = []) throws {
            guard running.seal(head, with: body).suffix(SHA256Digest.bytesCount) == checksum[...]
            else { throw SnapshotFault(offset: offset, "a checksum is wrong") }
        }
        let header = try take(magic.count + 8)
        try check(header, try take(SHA256Digest.bytesCount))
        guard header == magic + Self.bytes(sequence, 8) else {
            throw SnapshotFault(offset: 0, "its header is another's")
        }
        var total: UInt64 = 0
        while true {
            let length = try take(4)
            let count = length.reversed().reduce(0) { $0 << 8 | Int($1) }
            guard count > 0 else {
                let sum = try take(8)
                try check(length + sum, try take(SHA256Digest.bytesCount))
                guard sum == Self.bytes(total, 8), try file.read(1).isEmpty else {
                    throw SnapshotFault(offset: offset, "its length is wrong")
                }
                return
            }
            guard count <= Limits.snapshotChunkBytesMax else {
                throw SnapshotFault(offset: offset, "a chunk's length is wrong")
            }
            let checksum = try take(SHA256Digest.bytesCount)
            let chunk = try take(count)
            try check(length, checksum, with: chunk)
            total += UInt64(count)
            try visit(chunk)
        }
    }

    private static func bytes(_ value: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64($0 * 8)) }
    }

    /// Chains the checksums: each covers the one before.
    private struct Running {
        private var last: [UInt8] = []

        /// `head` followed by the checksum of all so far, of `head` and of `body`.
        mutating func seal(_ head: [UInt8], with body: [UInt8] = []) -> [UInt8] {
            var stream = SHA256Digest.Stream()
            stream.add(last.span)
            stream.add(head.span)
            stream.add(body.span)
            last = stream.finish()
            return head + last
        }
    }
}

/// Where a snapshot is not what was written.
struct SnapshotFault: Error {
    let offset: Int
    let reason: String

    init(offset: Int, _ reason: String) {
        self.offset = offset
        self.reason = reason
    }
}
