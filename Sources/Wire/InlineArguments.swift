import Domain

/// Splits an inline command at spaces and takes quotes away, by the rules of redis.
///
/// `"..."` knows `\n \r \t \a \b \\ \"` and `\xHH`, `'...'` knows `\'` only; a closing quote must
/// be followed by a space or the end. Unquoting changes bytes, so the arguments are copied here.
struct InlineArguments {
    private(set) var bytes: [UInt8] = []
    private(set) var ranges: [ByteRange] = []

    /// Forgets the arguments, and storage that only a rare line needs.
    mutating func clear() {
        guard !bytes.isEmpty || !ranges.isEmpty else { return }
        let isKept = bytes.capacity <= Limits.inlineBytesKeptMax
        bytes.removeAll(keepingCapacity: isKept)
        ranges.removeAll(keepingCapacity: isKept)
    }

    /// Whether the first argument is `word` in any case.
    func nameMatches(_ word: StaticString) -> Bool {
        guard let name = ranges.first else { return false }
        return bytes.span.extracting(0..<Int(name.count)).matchesIgnoringCase(word)
    }

    /// Takes the arguments of a line, which comes without its end.
    mutating func split(_ line: Span<UInt8>) throws(WireError) {
        var position = 0
        while true {
            while position < line.count, Self.isSpace(line[position]) { position += 1 }
            guard position < line.count else { return }
            let start = bytes.count
            position = try takeArgument(line, from: position)
            ranges.append(ByteRange(offset: start, count: bytes.count - start))
        }
    }

    /// Copies one argument and returns where it ends; quotes may begin in its middle.
    private mutating func takeArgument(
        _ line: Span<UInt8>, from start: Int
    ) throws(WireError) -> Int {
        var position = start
        while position < line.count, !Self.isSpace(line[position]) {
            let byte = line[position]
            guard byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") else {
                bytes.append(byte)
                position += 1
                continue
            }
            position = try takeQuoted(line, from: position + 1, quote: byte)
            guard position == line.count || Self.isSpace(line[position]) else {
                throw .unbalancedQuotes
            }
        }
        return position
    }

    /// Copies up to the closing quote and returns what follows it.
    private mutating func takeQuoted(
        _ line: Span<UInt8>, from start: Int, quote: UInt8
    ) throws(WireError) -> Int {
        var position = start
        while position < line.count {
            let byte = line[position]
            if byte == quote { return position + 1 }
            if byte == UInt8(ascii: "\\"), position + 1 < line.count {
                position = takeEscape(line, from: position, quote: quote)
            } else {
                bytes.append(byte)
                position += 1
            }
        }
        throw .unbalancedQuotes
    }

    /// Copies what a backslash and the bytes behind it mean, and returns what follows them.
    private mutating func takeEscape(
        _ line: Span<UInt8>, from backslash: Int, quote: UInt8
    ) -> Int {
        let next = line[backslash + 1]
        if quote == UInt8(ascii: "'") {
            guard next == quote else {
                bytes.append(UInt8(ascii: "\\"))
                return backslash + 1
            }
            bytes.append(next)
            return backslash + 2
        }
        if next == UInt8(ascii: "x"), backslash + 3 < line.count,
            let high = Self.hexadecimal(line[backslash + 2]),
            let low = Self.hexadecimal(line[backslash + 3])
        {
            bytes.append(high << 4 | low)
            return backslash + 4
        }
        let meaning: UInt8 =
            switch next {
            case UInt8(ascii: "n"): 0x0A
            case UInt8(ascii: "r"): 0x0D
            case UInt8(ascii: "t"): 0x09
            case UInt8(ascii: "b"): 0x08
            case UInt8(ascii: "a"): 0x07
            default: next
            }
        bytes.append(meaning)
        return backslash + 2
    }

    /// The spaces of C's `isspace`; a line holds no LF.
    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || (0x09...0x0D).contains(byte)
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
