import Domain

/// The smallest pieces of a JSON text: space, marks, words, numbers, strings.
extension JSONReader {
    var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    mutating func skipSpace() {
        while let next,
            next == UInt8(ascii: " ") || next == UInt8(ascii: "\n") || next == UInt8(ascii: "\t")
                || next == UInt8(ascii: "\r")
        {
            position += 1
        }
    }

    /// Passes the mark, after space, when it comes next.
    mutating func take(_ mark: UInt8) -> Bool {
        skipSpace()
        guard next == mark else { return false }
        position += 1
        return true
    }

    mutating func takeWord(_ word: StaticString) -> Bool {
        let end = position + word.utf8CodeUnitCount
        guard end <= bytes.count, bytes.span.extracting(position..<end).isWord(word) else {
            return false
        }
        position = end
        return true
    }

    // MARK: Numbers

    /// The bytes of a number, in the grammar of RFC 8259, section 6.
    mutating func numberToken() throws(JSONError) -> Range<Int> {
        guard isAtNumber() else { throw notANumber() }
        let start = position
        if next == UInt8(ascii: "-") { position += 1 }
        let whole = position
        try digits()
        guard bytes[whole] != UInt8(ascii: "0") || position == whole + 1 else {
            throw syntax("a number must not begin with 0")
        }
        if next == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            position += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
        return start..<position
    }

    private mutating func digits() throws(JSONError) {
        let start = position
        while let next, Self.isDigit(next) { position += 1 }
        guard position > start else { throw syntax("expected a digit") }
    }

    private func notANumber() -> JSONError {
        switch next {
        case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "\""), UInt8(ascii: "t"),
            UInt8(ascii: "f"), UInt8(ascii: "n"):
            shape("expected a number")
        default: syntax("expected a number")
        }
    }

    // MARK: Strings

    /// Appends what the string at the opening quote says.
    mutating func decodeString(into text: inout [UInt8]) throws(JSONError) {
        position += 1
        while true {
            let start = position
            while position < bytes.count, !Self.endsRun(bytes[position]) { position += 1 }
            text += bytes[start..<position]
            switch next {
            case UInt8(ascii: "\""):
                position += 1
                return
            case UInt8(ascii: "\\"):
                position += 1
                try decodeEscape(into: &text)
            case nil: throw syntax("the string does not end")
            default: throw syntax("a string must not hold a control character")
            }
        }
    }

    /// Whether a byte of a string is not simply itself.
    private static func endsRun(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func decodeEscape(into text: inout [UInt8]) throws(JSONError) {
        guard let mark = next else { throw syntax("the string does not end") }
        position += 1
        switch mark {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(mark)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text += String(try decodedScalar()).utf8
        default: throw syntax("there is no such escape")
        }
    }

    /// The scalar of `\uXXXX`, or of two of them that are a surrogate pair.
    private mutating func decodedScalar() throws(JSONError) -> Character {
        let first = try hexadecimal()
        var value = first
        if (0xD800..<0xDC00).contains(first) {
            guard takeWord("\\u") else { throw syntax("half a surrogate pair") }
            let second = try hexadecimal()
            guard (0xDC00..<0xE000).contains(second) else { throw syntax("half a surrogate pair") }
            value = 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(value) else { throw syntax("half a surrogate pair") }
        return Character(scalar)
    }

    private mutating func hexadecimal() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Self.hexadecimalDigit(byte) else {
                throw syntax("expected four hexadecimal digits")
            }
            value = value << 4 | digit
            position += 1
        }
        return value
    }

    private static func hexadecimalDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}

extension Span<UInt8> {
    fileprivate func isWord(_ word: StaticString) -> Bool {
        guard count == word.utf8CodeUnitCount else { return false }
        return indices.allSatisfy { unsafe self[$0] == word.utf8Start[$0] }
    }
}
