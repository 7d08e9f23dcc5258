/// Reading of short texts in place: decimals, words and UTF-8, without allocation.

extension Span<UInt8> {
    /// Whether the bytes are well-formed UTF-8.
    public var isUTF8: Bool { (try? UTF8Span(validating: self)) != nil }

    /// As much of an argument as a message shows.
    public var excerpt: String {
        String(repairing: extracting(0..<Swift.min(Limits.excerptBytesMax, count)))
    }

    /// Whether the bytes are `word`, which is ASCII, in any case.
    public func matchesIgnoringCase(_ word: StaticString) -> Bool {
        guard count == word.utf8CodeUnitCount else { return false }
        let letters = unsafe UnsafeBufferPointer(start: word.utf8Start, count: count)
        for index in indices where unsafe self[index].asciiLower != letters[index].asciiLower {
            return false
        }
        return true
    }
}

extension Span<UInt8> {
    /// Whether the bytes are those of `word`, which is ASCII, in any case.
    public func matchesIgnoringCase(_ word: String) -> Bool {
        guard count == word.utf8.count else { return false }
        var index = 0
        for byte in word.utf8 {
            guard self[index].asciiLower == byte.asciiLower else { return false }
            index += 1
        }
        return true
    }

    public func isEqual(to other: Span<UInt8>) -> Bool {
        count == other.count && indices.allSatisfy { self[$0] == other[$0] }
    }
}

extension UInt8 {
    /// An ASCII capital becomes its small letter; every other byte stays.
    public var asciiLower: UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self
    }
}

extension String {
    /// `nil` unless the bytes are well-formed UTF-8.
    public init?(validating bytes: Span<UInt8>) {
        guard let valid = try? UTF8Span(validating: bytes) else { return nil }
        self.init(copying: valid)
    }

    /// The bytes as text for a person: malformed parts become U+FFFD.
    public init(repairing bytes: Span<UInt8>) {
        self = unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }
}

extension Double {
    /// A finite decimal, with or without an exponent.
    public init(decimal bytes: Span<UInt8>) throws(DomainError) {
        let text = bytes.excerpt
        let isDecimal = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
                UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
                true
            default: false
            }
        }
        guard isDecimal, bytes.count <= Limits.excerptBytesMax, let value = Double(text),
            value.isFinite
        else { throw .number(text) }
        self = value
    }
}

extension Int64 {
    /// A decimal within `range`.
    public init(decimal bytes: Span<UInt8>, in range: ClosedRange<Int64>) throws(DomainError) {
        guard let value = Int64(decimal: bytes), range.contains(value) else {
            throw .integer(bytes.excerpt, range)
        }
        self = value
    }

    /// A decimal without spaces, plus sign or leading zeros, as RESP writes its numbers; `nil`
    /// when the bytes are not that or the number does not fit.
    public init?(decimal bytes: Span<UInt8>) {
        let isNegative = bytes.count > 1 && bytes[0] == UInt8(ascii: "-")
        let start = isNegative ? 1 : 0
        guard (1...19).contains(bytes.count - start) else { return nil }
        guard bytes[start] != UInt8(ascii: "0") || bytes.count == 1 else { return nil }
        var value: Int64 = 0
        for index in start..<bytes.count {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit <= 9 else { return nil }
            // Counted downwards, because the least Int64 has no positive twin.
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (difference, borrow) = product.subtractingReportingOverflow(Int64(digit))
            guard !overflow, !borrow else { return nil }
            value = difference
        }
        guard isNegative || value != .min else { return nil }
        self = isNegative ? value : -value
    }
}
