import Digest

/// Records that go to disk together: one row of a segment.
///
///     bytes     | length u32 | record | length u32 | record | ...       little-endian
///     checksum  SHA-256 of | first u64 | count u64 | bytes |
///
/// Knows nothing of files.
struct Batch: Sendable {
    static let lengthBytes = 4

    let first: UInt64
    private(set) var count: UInt64 = 0
    private(set) var bytes: [UInt8] = []

    init(first: UInt64) { self.first = first }

    /// A batch as a segment's row holds it.
    init(first: UInt64, count: UInt64, bytes: [UInt8]) {
        self.first = first
        self.count = count
        self.bytes = bytes
    }

    /// The sequence after its last record.
    var end: UInt64 { first + count }

    mutating func add(_ record: Span<UInt8>) {
        let length = UInt32(record.count)
        for shift in stride(from: 0, to: 32, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: length >> UInt32(shift)))
        }
        unsafe record.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
        count += 1
    }

    var checksum: [UInt8] {
        var stream = SHA256Digest.Stream()
        stream.add(Self.header(first, count).span)
        stream.add(bytes.span)
        return stream.finish()
    }

    private static func header(_ numbers: UInt64...) -> [UInt8] {
        numbers.flatMap { number in
            stride(from: 0, to: 64, by: 8).map { UInt8(truncatingIfNeeded: number >> UInt64($0)) }
        }
    }

    /// Its records in order, or nil when the lengths do not add up to the count and the bytes.
    func records() -> [ArraySlice<UInt8>]? {
        guard count <= UInt64(bytes.count / Self.lengthBytes) else { return nil }
        var records: [ArraySlice<UInt8>] = []
        records.reserveCapacity(Int(count))
        var place = 0
        while place < bytes.count {
            guard bytes.count - place >= Self.lengthBytes else { return nil }
            let length = (0..<Self.lengthBytes).reduce(0) {
                $0 | Int(bytes[place + $1]) << ($1 * 8)
            }
            place += Self.lengthBytes
            guard bytes.count - place >= length else { return nil }
            records.append(bytes[place..<place + length])
            place += length
        }
        return records.count == Int(count) ? records : nil
    }
}
