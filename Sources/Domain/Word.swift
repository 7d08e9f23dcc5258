/// The short names of a server's own vocabulary: kinds, surfaces, products and spaces.
///
/// A word is case-insensitive and kept in lower case: 1 to `Limits.wordBytesMax` ASCII letters,
/// digits, `-`, `_`, `.` or `:`.
public protocol Word: Hashable, Sendable, CustomStringConvertible {
    var text: String { get }
    init(_ text: String) throws(DomainError)
}

extension Word {
    public var description: String { text }

    /// The lower-case form of `text`, or an error when it is not a word.
    static func checked(_ text: String) throws(DomainError) -> String {
        let lower = text.lowercased()
        let valid = lower.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: ":"):
                return true
            default:
                return false
            }
        }
        guard valid, (1...Limits.wordBytesMax).contains(lower.utf8.count) else {
            throw .word(text)
        }
        return lower
    }
}

/// What sort of item: ad, post, group, reel, event ...
public struct Kind: Word {
    public let text: String
    public init(_ text: String) throws(DomainError) { self.text = try Self.checked(text) }
}

public struct SurfaceName: Word {
    public let text: String
    public init(_ text: String) throws(DomainError) { self.text = try Self.checked(text) }
}

/// The product in which a chat was held, or which a surface belongs to.
public struct Product: Word {
    public let text: String
    public init(_ text: String) throws(DomainError) { self.text = try Self.checked(text) }
}
