import Digest

/// The checked directory of a text model's bundle: where each section lies, and the digest that
/// names the whole.
///
/// Knows the container, drawn in Sources/TextModel/MODEL.md, and the shapes that sections must have
/// for the core to trust them; what they mean is `TextCore`'s and `TextModel`'s.
struct TextBundle: Equatable, Sendable {
    static let version: UInt32 = 1

    /// Tags as tools/distill writes them.
    enum Section: String, CaseIterable {
        case vocabulary = "VOCAB"
        case rows = "ROWS"
        case weights = "WEIGHTS"
        case fold = "FOLD"
        case topicNames = "TOPICS"
        case topicRows = "TOPICROW"
        case lexicon = "LEXICON"
        case foreignOdds = "FOREIGN"
        case limits = "LIMITS"
    }

    /// SHA-256 of everything behind the header.
    let digest: String
    private let ranges: [Section: Range<Int>]

    private static let headerBytes = 64
    private static let entryBytes = 24
    private static let alignment = 64
    private static let digestOffset = 24

    /// Refuses bytes that are not a whole, undamaged bundle of this version.
    init(_ bytes: RawSpan) throws(TextModelError) {
        guard bytes.byteCount >= Self.headerBytes else { throw .tooShort(bytes: bytes.byteCount) }
        guard Self.text(in: bytes, at: 0..<8) == "CAIRNTXT" else { throw .notABundle }
        let version: UInt32 = Self.number(in: bytes, at: 8)
        guard version == Self.version else {
            throw .version(found: version, expected: Self.version)
        }
        let size: UInt64 = Self.number(in: bytes, at: 16)
        guard size == bytes.byteCount else { throw .size(found: bytes.byteCount, expected: size) }
        let expected = SHA256Digest.hexadecimal(
            (0..<SHA256Digest.bytesCount).map { Self.number(in: bytes, at: Self.digestOffset + $0) }
        )
        digest = SHA256Digest.of(bytes.extracting(Self.headerBytes...))
        guard digest == expected else { throw .digest(found: digest, expected: expected) }
        ranges = try Self.readTable(bytes)
        try checkShapes()
    }

    subscript(section: Section) -> Range<Int> {
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

    private static func readTable(
        _ bytes: RawSpan
    ) throws(TextModelError) -> [Section: Range<Int>] {
        let count: UInt32 = number(in: bytes, at: 12)
        guard headerBytes + Int(count) * entryBytes <= bytes.byteCount else {
            throw .section("table")
        }
        var found: [Section: Range<Int>] = [:]
        for index in 0..<Int(count) {
            let entry = headerBytes + index * entryBytes
            let tag = text(in: bytes, at: entry..<entry + 8).prefix { $0 != "\0" }
            let offset: UInt64 = number(in: bytes, at: entry + 8)
            let length: UInt64 = number(in: bytes, at: entry + 16)
            let end = offset.addingReportingOverflow(length)
            guard !end.overflow, end.partialValue <= bytes.byteCount,
                offset % UInt64(alignment) == 0
            else { throw .section(String(tag)) }
            // A tag of a later version is passed over.
            if let section = Section(rawValue: String(tag)) {
                found[section] = Int(offset)..<Int(end.partialValue)
            }
        }
        for section in Section.allCases where found[section] == nil {
            throw .section(section.rawValue)
        }
        return found
    }

    /// Sizes that must agree before the core may read without looking.
    private func checkShapes() throws(TextModelError) {
        let tokensCount = self[.foreignOdds].count
        guard self[.weights].count == tokensCount * 4 else { throw .section("WEIGHTS") }
        guard self[.rows].count == tokensCount * TextCore.dimension else { throw .section("ROWS") }
        guard self[.topicRows].count % TextCore.dimension == 0 else { throw .section("TOPICROW") }
        guard self[.limits].count == TextLimits.bytesCount else { throw .section("LIMITS") }
    }
}
