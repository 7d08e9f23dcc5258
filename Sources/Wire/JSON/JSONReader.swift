import Domain

/// Reads one JSON text (RFC 8259) from front to back, value by value, as the caller expects them.
///
/// Stricter than most: a field that the caller does not know is an error, and so is one that comes
/// twice, a lone surrogate, anything behind the text, and a nesting deeper than
/// `Limits.jsonDepthMax`. No tree is built: what is read is what the caller asks for, and the
/// first thing that is not as asked ends the reading, with its place as a JSON pointer.
package struct JSONReader {
    /// Well-formed UTF-8.
    let bytes: [UInt8]
    /// The byte that comes next.
    var position = 0
    var path = JSONPath()

    package init(_ bytes: [UInt8]) throws(JSONError) {
        guard bytes.span.isUTF8 else {
            throw JSONError(.syntax, at: "", "the text is not valid UTF-8")
        }
        self.bytes = bytes
    }

    /// Reads the whole text as one value.
    package static func read<Value>(
        _ bytes: [UInt8], _ value: (inout JSONReader) throws(JSONError) -> Value
    ) throws(JSONError) -> Value {
        var reader = try JSONReader(bytes)
        let result = try value(&reader)
        reader.skipSpace()
        guard reader.position == bytes.count else {
            throw reader.syntax("there is more behind the value")
        }
        return result
    }

    // MARK: Objects and arrays

    /// Reads an object field by field.
    ///
    /// - Parameter field: Reads the value of the field that is named; `false`, and nothing read,
    ///   when there is no such field.
    package mutating func object(
        _ field: (String, inout JSONReader) throws(JSONError) -> Bool
    ) throws(JSONError) {
        try begin(UInt8(ascii: "{"), "an object")
        var seen: [String] = []
        if take(UInt8(ascii: "}")) { return }
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw syntax("expected a field's name") }
            let name = try decodedString()
            path.enter(name)
            guard !seen.contains(name) else { throw shape("the field comes twice") }
            seen.append(name)
            guard take(UInt8(ascii: ":")) else { throw syntax("expected ':'") }
            guard try field(name, &self) else { throw shape("there is no such field") }
            path.leave()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw syntax("expected ',' or '}'") }
    }

    /// Reads an array element by element.
    package mutating func array(
        _ element: (inout JSONReader) throws(JSONError) -> Void
    ) throws(JSONError) {
        try begin(UInt8(ascii: "["), "an array")
        if take(UInt8(ascii: "]")) { return }
        var index = 0
        repeat {
            path.enter(index)
            try element(&self)
            path.leave()
            index += 1
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw syntax("expected ',' or ']'") }
    }

    private mutating func begin(_ mark: UInt8, _ what: String) throws(JSONError) {
        guard path.depth < Limits.jsonDepthMax else {
            throw syntax("nested deeper than \(Limits.jsonDepthMax)")
        }
        guard take(mark) else { throw expected(what) }
    }

    // MARK: Scalars

    package mutating func boolean() throws(JSONError) -> Bool {
        skipSpace()
        if takeWord("true") { return true }
        if takeWord("false") { return false }
        throw expected("true or false")
    }

    package mutating func string() throws(JSONError) -> String {
        try beginString()
        return try decodedString()
    }

    /// Reads a string and appends its bytes.
    package mutating func string(appendingTo text: inout [UInt8]) throws(JSONError) {
        try beginString()
        try decodeString(into: &text)
    }

    /// A string as `read` takes its bytes.
    package mutating func string<Value>(
        _ read: (Span<UInt8>) throws(DomainError) -> Value
    ) throws(JSONError) -> Value {
        var text: [UInt8] = []
        try string(appendingTo: &text)
        do throws(DomainError) { return try read(text.span) } catch { throw value(error.message) }
    }

    /// A finite number.
    package mutating func number() throws(JSONError) -> Double {
        let token = try numberToken()
        let text = String(decoding: bytes[token], as: UTF8.self)
        guard token.count <= Limits.excerptBytesMax, let number = Double(text), number.isFinite
        else { throw value("the number is too large or too long") }
        return number
    }

    /// A whole number, written without fraction or exponent.
    package mutating func integer(in range: ClosedRange<Int64>) throws(JSONError) -> Int64 {
        let token = try numberToken()
        do throws(DomainError) {
            return try Int64(decimal: bytes.span.extracting(token), in: range)
        } catch {
            throw value(error.message)
        }
    }

    /// Whether the next value is a number.
    package mutating func isAtNumber() -> Bool {
        skipSpace()
        guard let next else { return false }
        return next == UInt8(ascii: "-") || Self.isDigit(next)
    }

    private mutating func beginString() throws(JSONError) {
        skipSpace()
        guard next == UInt8(ascii: "\"") else { throw expected("a string") }
    }

    private mutating func decodedString() throws(JSONError) -> String {
        var text: [UInt8] = []
        try decodeString(into: &text)
        return String(decoding: text, as: UTF8.self)
    }

    // MARK: Errors

    /// The value that has just been read may not stand here.
    package func value(_ reason: String) -> JSONError {
        JSONError(.value, at: path.pointer, reason)
    }

    /// What is read is not of the shape that it should have.
    package func shape(_ reason: String) -> JSONError {
        JSONError(.shape, at: path.pointer, reason)
    }

    /// The object that is being read lacks a field.
    package func missing(_ field: String) -> JSONError {
        var path = path
        path.enter(field)
        return JSONError(.shape, at: path.pointer, "the field is missing")
    }

    func syntax(_ reason: String) -> JSONError {
        JSONError(.syntax, at: path.pointer, "\(reason), at byte \(position)")
    }

    /// What comes next is another value than the one expected, or none.
    private func expected(_ what: String) -> JSONError {
        switch next {
        case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "\""), UInt8(ascii: "-"),
            UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"):
            shape("expected \(what)")
        case .some(let byte) where Self.isDigit(byte): shape("expected \(what)")
        default: syntax("expected \(what)")
        }
    }
}
