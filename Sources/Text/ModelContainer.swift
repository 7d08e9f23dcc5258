import Digest

/// The checked directory of a model's bundle: where each section lies, and the digest that names
/// the whole.
///
/// Knows the container, drawn in Sources/Text/Models/MODEL.md; what sections mean, and which shapes
/// they must have, is `TextBundle`'s and `GateBundle`'s.
struct ModelContainer: Equatable, Sendable {
    /// SHA-256 of everything behind the header.
    let digest: String
    private let ranges: [String: Range<Int>]

    private static let headerBytes = 64
    private static let entryBytes = 24
    private static let alignment = 64
    private static let digestOffset = 24

    /// Refuses bytes that are not a whole, undamaged bundle of this version with these sections.
    init(
        _ bytes: RawSpan, magic: String, version: UInt32, sections: [String]
    ) throws(TextModelError) {
        guard bytes.byteCount >= Self.headerBytes else { throw .tooShort(bytes: bytes.byteCount) }
        guard Self.text(in: bytes, at: 0..<8) == magic else { throw .notABundle(magic: magic) }
        let found: UInt32 = Self.number(in: bytes, at: 8)
        guard found == version else { throw .version(found: found, expected: version) }
        let size: UInt64 = Self.number(in: bytes, at: 16)
        guard size == bytes.byteCount else { throw .size(found: bytes.byteCount, expected: size) }
        let expected = SHA256Digest.hexadecimal(
            (0..<SHA256Digest.bytesCount).map { Self.number(in: bytes, at: Self.digestOffset + $0) }
        )
        digest = SHA256Digest.of(bytes.extracting(Self.headerBytes...))
        guard digest == expected else { throw .digest(found: digest, expected: expected) }
        ranges = try Self.readTable(bytes, sections: sections)
    }

    subscript(section: String) -> Range<Int> {
        guard let range = ranges[section] else { preconditionFailure("sections were checked") }
        return range
    }

    /// A little-endian number at a byte offset.
    static func number<Number: FixedWidthInteger & BitwiseCopyable>(
        in bytes: RawSpan, at offset: Int
    ) -> Number {
        Number(
            littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Number.self))
    }

    static func text(in bytes: RawSpan, at range: Range<Int>) -> String {
        let units: [UInt8] = range.map { number(in: bytes, at: $0) }
        return String(decoding: units, as: UTF8.self)
    }

    /// A section of names: u32 count, u32 starts[count + 1], bytes.
    func names(in bytes: RawSpan, section: String) throws(TextModelError) -> [String] {
        let range = self[section]
        func number(_ index: Int) -> Int {
            let value: UInt32 = Self.number(in: bytes, at: range.lowerBound + index * 4)
            return Int(value)
        }
        guard range.count >= 8, number(0) * 4 + 8 <= range.count else { throw .section(section) }
        let count = number(0)
        let text = range.lowerBound + (count + 2) * 4
        guard text + number(count + 1) == range.upperBound else { throw .section(section) }
        return (0..<count).map { index in
            Self.text(in: bytes, at: text + number(index + 1)..<text + number(index + 2))
        }
    }

    private static func readTable(
        _ bytes: RawSpan, sections: [String]
    ) throws(TextModelError) -> [String: Range<Int>] {
        let count: UInt32 = number(in: bytes, at: 12)
        guard headerBytes + Int(count) * entryBytes <= bytes.byteCount else {
            throw .section("table")
        }
        var found: [String: Range<Int>] = [:]
        for index in 0..<Int(count) {
            let entry = headerBytes + index * entryBytes
            let tag = String(text(in: bytes, at: entry..<entry + 8).prefix { $0 != "\0" })
            let offset: UInt64 = number(in: bytes, at: entry + 8)
            let length: UInt64 = number(in: bytes, at: entry + 16)
            let end = offset.addingReportingOverflow(length)
            guard !end.overflow, end.partialValue <= bytes.byteCount,
                offset % UInt64(alignment) == 0
            else { throw .section(tag) }
            // A tag of a later version is passed over.
            if sections.contains(tag) { found[tag] = Int(offset)..<Int(end.partialValue) }
        }
        for section in sections where found[section] == nil { throw .section(section) }
        return found
    }
}
