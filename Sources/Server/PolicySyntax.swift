/// Checks that a text has the shape of a policy file, before the TOML library sees it.
///
/// Clients send policies, and toml++ 3.4 ends the process at some malformed texts (`[,` is one, `a =
/// [}` another), so what may come is spelled out, no wider than a policy needs:
///
///     # comment
///     [section]
///     key = true                        or false, or a whole number
///     key = "string"                    on one line, without escapes
///     key = ["string", ...]             over any number of lines
struct PolicySyntax {
    private let bytes: [UInt8]
    private var position = 0
    private var line = 1

    /// Throws where the text departs from that shape.
    static func check(_ text: String) throws(ConfigurationError) {
        var reader = PolicySyntax(bytes: Array(text.utf8))
        try reader.readLines()
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func expected(_ what: String) -> ConfigurationError {
        ConfigurationError("syntax", "line \(line): expected \(what)")
    }

    // MARK: Lines

    private mutating func readLines() throws(ConfigurationError) {
        while true {
            try skipToNextMark()
            guard let mark = next else { return }
            if mark == UInt8(ascii: "[") {
                position += 1
                try readName("the name of a section")
                try take("]")
            } else {
                try readName("a row or a section")
                try take("=")
                try readValue()
            }
            skipSpaces()
            try skipComment()
            let hasEnded = try skipLineEnd()
            guard hasEnded || next == nil else { throw expected("the end of the line") }
        }
    }

    private mutating func readValue() throws(ConfigurationError) {
        skipSpaces()
        guard next == UInt8(ascii: "[") else { return try readElement() }
        position += 1
        while true {
            try skipToNextMark()
            if skip("]") { return }
            try readElement()
            try skipToNextMark()
            if skip("]") { return }
            guard skip(",") else { throw expected("',' or ']'") }
        }
    }

    private mutating func readElement() throws(ConfigurationError) {
        switch next {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): try readString()
        default: try readPlainValue()
        }
    }

    private mutating func readString() throws(ConfigurationError) {
        let quote = next
        position += 1
        while let byte = next, byte != quote {
            guard byte >= 0x20, byte != 0x7F, byte != UInt8(ascii: "\\") else { break }
            position += 1
        }
        guard next == quote else { throw expected("a string on one line, without escapes") }
        position += 1
        // Three quotes would begin a string of many lines.
        guard next != quote else { throw expected("one quote") }
    }

    private mutating func readPlainValue() throws(ConfigurationError) {
        let start = position
        _ = skip("-")
        while let byte = next, Self.isOfName(byte) { position += 1 }
        let word = String(decoding: bytes[start..<position], as: UTF8.self)
        guard word == "true" || word == "false" || (word.utf8.count < 20 && Int64(word) != nil)
        else { throw expected("a string, true, false or a whole number") }
    }

    private mutating func readName(_ what: String) throws(ConfigurationError) {
        skipSpaces()
        let start = position
        while let byte = next, Self.isOfName(byte) { position += 1 }
        guard position > start else { throw expected(what) }
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    // MARK: Marks and space

    private mutating func take(_ mark: Unicode.Scalar) throws(ConfigurationError) {
        skipSpaces()
        guard skip(mark) else { throw expected("'\(mark)'") }
    }

    private mutating func skip(_ mark: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: mark) else { return false }
        position += 1
        return true
    }

    /// Passes spaces, comments and line ends.
    private mutating func skipToNextMark() throws(ConfigurationError) {
        repeat {
            skipSpaces()
            try skipComment()
        } while try skipLineEnd()
    }

    private mutating func skipSpaces() {
        while let byte = next, byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") {
            position += 1
        }
    }

    private mutating func skipComment() throws(ConfigurationError) {
        guard next == UInt8(ascii: "#") else { return }
        while let byte = next, byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "\r") {
            let isText = byte >= 0x20 && byte != 0x7F || byte == UInt8(ascii: "\t")
            guard isText else { throw expected("no control character") }
            position += 1
        }
    }

    /// LF or CR LF.
    private mutating func skipLineEnd() throws(ConfigurationError) -> Bool {
        let hasReturn = skip("\r")
        guard skip("\n") else {
            if hasReturn { throw expected("a line feed behind the carriage return") }
            return false
        }
        line += 1
        return true
    }
}
