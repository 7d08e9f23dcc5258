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
    public init(_ text: String) throws(DomainError) {
        if text.lowercased() == "unknown" {
            self = .unknown
            return
        }
        guard let pair = LetterPair(text) else { throw .region(text) }
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
        let primary = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = primary.first, let pair = LetterPair(String(first)) else {
            throw .language(text)
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

    init?(_ text: String) {
        let bytes = Array(text.uppercased().utf8)
        let letters = UInt8(ascii: "A")...UInt8(ascii: "Z")
        guard bytes.count == 2, bytes.allSatisfy(letters.contains) else { return nil }
        self.init(
            first: UInt16(bytes[0] - UInt8(ascii: "A")),
            second: UInt16(bytes[1] - UInt8(ascii: "A")))
    }

    var upper: String {
        let letters = [index / 26, index % 26].map { UInt8(ascii: "A") + UInt8($0) }
        return String(decoding: letters, as: UTF8.self)
    }
}
