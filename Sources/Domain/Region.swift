/// A country or territory by its two letters of ISO 3166, or `unknown`.
///
/// The raw value is 0 for unknown and else 1 + 26 x first letter + second letter, so that a set of
/// regions is a bit set of `Region.count` bits.
public struct Region: Hashable, Sendable, RawRepresentable, CustomStringConvertible {
    public let rawValue: UInt16
    public static let unknown = Region(code: 0)
    public static let count = 1 + 26 * 26

    public init?(rawValue: UInt16) {
        guard rawValue < Self.count else { return nil }
        self.rawValue = rawValue
    }

    private init(code: UInt16) { rawValue = code }

    /// Two letters in either case, or `unknown`; `UK` is taken for `GB`.
    public init(_ text: String) throws(DomainError) { try self.init(bytes: text.utf8.span) }

    /// The same from bytes in place; allocates nothing unless it throws.
    public init(bytes: Span<UInt8>) throws(DomainError) {
        if bytes.matchesIgnoringCase("unknown") {
            self = .unknown
            return
        }
        guard let pair = LetterPair(bytes) else { throw .region(bytes.excerpt) }
        let unitedKingdom = LetterPair(first: 20, second: 10)
        self.init(code: 1 + (pair == unitedKingdom ? LetterPair(first: 6, second: 1) : pair).index)
    }

    public var description: String {
        rawValue == 0 ? "unknown" : LetterPair(index: rawValue - 1).upper
    }
}

/// A language by its two letters of ISO 639, or `unknown`; the raw value is built as a region's.
public struct Language: Hashable, Sendable, RawRepresentable, CustomStringConvertible {
    public let rawValue: UInt16
    public static let unknown = Language(code: 0)
    public static let count = 1 + 26 * 26

    public init?(rawValue: UInt16) {
        guard rawValue < Self.count else { return nil }
        self.rawValue = rawValue
    }

    private init(code: UInt16) { rawValue = code }

    /// Two letters in either case, with or without a region behind a hyphen (`en-GB` is `en`).
    public init(_ text: String) throws(DomainError) {
        try self.init(bytes: text.utf8.span)
    }

    /// The same from bytes in place.
    public init(bytes: Span<UInt8>) throws(DomainError) {
        let hasRegion = bytes.count > 2 && bytes[2] == UInt8(ascii: "-")
        guard let pair = LetterPair(hasRegion ? bytes.extracting(0..<2) : bytes) else {
            throw .language(bytes.excerpt)
        }
        self.init(code: 1 + pair.index)
    }

    public var description: String {
        rawValue == 0 ? "unknown" : LetterPair(index: rawValue - 1).upper.lowercased()
    }
}

/// Two ASCII letters as a number below 676.
private struct LetterPair: Equatable {
    let index: UInt16

    init(index: UInt16) { self.index = index }
    init(first: UInt16, second: UInt16) { index = first * 26 + second }

    init?(_ bytes: Span<UInt8>) {
        guard bytes.count == 2, let first = Self.letter(bytes[0]),
            let second = Self.letter(bytes[1])
        else { return nil }
        self.init(first: first, second: second)
    }

    /// The place of an ASCII letter of either case in the alphabet, from 0.
    private static func letter(_ byte: UInt8) -> UInt16? {
        let lower = byte | 0x20
        guard (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(lower) else { return nil }
        return UInt16(lower - UInt8(ascii: "a"))
    }

    var upper: String {
        let letters = [index / 26, index % 26].map { UInt8(ascii: "A") + UInt8($0) }
        return String(decoding: letters, as: UTF8.self)
    }
}
