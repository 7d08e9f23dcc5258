/// The opaque names that callers give to items, users and events.
///
/// An identifier is 1 to `Limits.identifierBytesMax` bytes of UTF-8 without spaces or control
/// characters. Its order is the order of its bytes; ties in a ranking break by it.
public protocol Identifier: Hashable, Comparable, Sendable, CustomStringConvertible {
    var text: String { get }
    init(_ text: String) throws(DomainError)
}

extension Identifier {
    public var description: String { text }

    public static func < (left: Self, right: Self) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    /// An identifier from its bytes; they must be UTF-8.
    public init(bytes: Span<UInt8>) throws(DomainError) {
        guard bytes.count <= Limits.identifierBytesMax else { throw .identifierLength(bytes.count) }
        guard let text = String(validating: bytes) else { throw .identifierBytes }
        try self.init(text)
    }

    /// Throws unless `text` may name something.
    static func check(_ text: String) throws(DomainError) { try check(bytes: text.utf8.span) }

    /// Throws unless the bytes may name something; allocates nothing.
    public static func check(bytes: Span<UInt8>) throws(DomainError) {
        guard (1...Limits.identifierBytesMax).contains(bytes.count) else {
            throw .identifierLength(bytes.count)
        }
        var seen: UInt8 = 0
        for index in bytes.indices {
            let byte = bytes[index]
            guard byte > 0x20 && byte != 0x7F else { throw .identifierBytes }
            seen |= byte
        }
        guard seen < 0x80 || bytes.isUTF8 else { throw .identifierBytes }
    }
}

public struct ItemID: Identifier {
    public let text: String
    public init(_ text: String) throws(DomainError) {
        try Self.check(text)
        self.text = text
    }
}

public struct UserID: Identifier {
    public let text: String
    public init(_ text: String) throws(DomainError) {
        try Self.check(text)
        self.text = text
    }
}

/// Names one signal of one user: the same identifier twice is the same event twice.
public struct EventID: Identifier {
    public let text: String
    public init(_ text: String) throws(DomainError) {
        try Self.check(text)
        self.text = text
    }
}

/// Names a creative, what is shown of an ad.
public struct CreativeID: Identifier {
    public let text: String
    public init(_ text: String) throws(DomainError) {
        try Self.check(text)
        self.text = text
    }
}

/// Names the person or page behind an item, for follows.
public struct AuthorID: Identifier {
    public let text: String
    public init(_ text: String) throws(DomainError) {
        try Self.check(text)
        self.text = text
    }
}
