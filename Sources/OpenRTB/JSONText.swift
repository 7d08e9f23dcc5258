import ShortestDecimal

/// A JSON text that grows piece by piece.
struct JSONText {
    private(set) var bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Appends what is JSON already.
    mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
    }

    mutating func append(integer: Int) { bytes.append(contentsOf: String(integer).utf8) }

    /// The shortest decimal that reads back to the same double, which is finite.
    mutating func append(number: Double) {
        precondition(number.isFinite, "JSON has no word for \(number)")
        let room = Int(SHORTEST_DECIMAL_BYTES_MAX)
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: room) { digits in
            guard let start = digits.baseAddress else { return }
            let count = unsafe shortest_decimal_write(number, start)
            for index in 0..<count { unsafe bytes.append(UInt8(bitPattern: digits[index])) }
        }
    }

    mutating func append(strings: [String]) {
        append("[")
        for (index, string) in strings.enumerated() {
            if index > 0 { append(",") }
            append(string: string)
        }
        append("]")
    }

    mutating func append(string: String) {
        append("\"")
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""): append("\\\"")
            case UInt8(ascii: "\\"): append("\\\\")
            case 0..<0x20, 0x7F:
                append("\\u00")
                bytes.append(Self.hexadecimal(byte >> 4))
                bytes.append(Self.hexadecimal(byte & 15))
            default: bytes.append(byte)
            }
        }
        append("\"")
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8 {
        digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }
}
