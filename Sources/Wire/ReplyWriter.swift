import Domain
import NIOCore

/// Writes replies, behind each other, into one buffer, in the RESP that the client speaks, or one
/// reply as JSON.
///
/// What RESP2 lacks takes the forms that redis gives it: maps are flat arrays, doubles and verbatim
/// texts are bulk strings, booleans are 1 and 0. Nothing here allocates but the buffer, when it
/// must grow. A header promises so many elements; the caller writes them.
package struct ReplyWriter {
    /// What has been written and not yet been taken; the owner hands it to the socket and clears it.
    package var buffer: ByteBuffer
    package private(set) var form: ReplyForm
    /// Of the replies since it was last set: whoever reads it sets it before a command.
    package var outcome = ReplyOutcome.ok
    var nesting = JSONNesting()

    package init(buffer: ByteBuffer = ByteBuffer(), version: RESPVersion = .two) {
        self.init(buffer: buffer, form: ReplyForm(version))
    }

    package init(buffer: ByteBuffer = ByteBuffer(), form: ReplyForm) {
        self.buffer = buffer
        self.form = form
    }

    /// The RESP that is written.
    package var version: RESPVersion {
        get { form == .two ? .two : .three }
        set { form = ReplyForm(newValue) }
    }

    private var isThree: Bool { form == .three }
    private var isJSON: Bool { form == .json }

    // MARK: Lines

    package mutating func ok() {
        guard !isJSON else { return json(.simple("OK")) }
        buffer.writeStaticString("+OK\r\n")
    }

    /// A word or sentence of our own, without line ends.
    package mutating func simple(_ text: StaticString) {
        guard !isJSON else { return json(.simple("\(text)")) }
        buffer.writeStaticString("+")
        buffer.writeStaticString(text)
        buffer.writeStaticString("\r\n")
    }

    package mutating func simple(_ text: String) {
        guard !isJSON else { return json(.simple(text)) }
        line(UInt8(ascii: "+"), text)
    }

    /// `message` begins with a code word: `ERR ...`.
    package mutating func error(_ message: String, code: ErrorCode = .refused) {
        outcome = code.outcome
        guard !isJSON else { return jsonError(message, code) }
        line(UInt8(ascii: "-"), message)
    }

    package mutating func integer(_ value: Int64) {
        guard !isJSON else { return json(.integer(value)) }
        ByteCursor.write(ByteCursor.lineBytesMax, to: &buffer) { cursor in
            cursor.append(UInt8(ascii: ":"))
            cursor.append(value)
            cursor.appendLineEnd()
        }
    }

    package mutating func integer(_ value: Int) { integer(Int64(value)) }

    package mutating func boolean(_ value: Bool) {
        guard !isJSON else { return json(.boolean(value)) }
        switch (isThree, value) {
        case (true, true): buffer.writeStaticString("#t\r\n")
        case (true, false): buffer.writeStaticString("#f\r\n")
        case (false, true): buffer.writeStaticString(":1\r\n")
        case (false, false): buffer.writeStaticString(":0\r\n")
        }
    }

    package mutating func null() {
        guard !isJSON else { return json(.null) }
        buffer.writeStaticString(isThree ? "_\r\n" : "$-1\r\n")
    }

    /// The shortest decimal that reads back to the same double; `inf`, `-inf` and `nan` are words.
    package mutating func double(_ value: Double) {
        guard !isJSON else { return json(.double(value)) }
        let isThree = self.isThree
        ByteCursor.write(2 * ByteCursor.lineBytesMax, to: &buffer) { cursor in
            cursor.appendScore(value, isThree: isThree)
        }
    }

    // MARK: Strings

    package mutating func bulk(_ bytes: Span<UInt8>) {
        guard !isJSON else { return json(bytes: bytes) }
        ByteCursor.write(bytes.count + 2 * ByteCursor.lineBytesMax, to: &buffer) { cursor in
            cursor.appendBulk(bytes)
        }
    }

    package mutating func bulk(_ text: String) { bulk(text.utf8.span) }

    /// A JSON text: a bulk string in RESP.
    package mutating func json(text: Span<UInt8>) {
        guard !isJSON else { return json(verbatim: text) }
        bulk(text)
    }

    /// A text for people.
    package mutating func verbatim(_ text: String) {
        guard isThree else { return bulk(text) }
        header(UInt8(ascii: "="), text.utf8.count + 4)
        buffer.writeStaticString("txt:")
        buffer.writeString(text)
        buffer.writeStaticString("\r\n")
    }

    // MARK: Headers

    package mutating func array(count: Int) {
        guard !isJSON else { return nesting.beginArray(count: count, in: &buffer) }
        header(Mark.array, count)
    }

    /// So many keys, each followed by its value.
    package mutating func map(count: Int) {
        guard !isJSON else { return nesting.beginMap(count: count, in: &buffer) }
        isThree ? header(UInt8(ascii: "%"), count) : header(Mark.array, 2 * count)
    }

    package mutating func set(count: Int) {
        guard !isJSON else { return array(count: count) }
        header(isThree ? UInt8(ascii: "~") : Mark.array, count)
    }

    /// A message that answers no command.
    package mutating func push(count: Int) {
        header(isThree ? UInt8(ascii: ">") : Mark.array, count)
    }

    // MARK: Rankings

    /// Announces so many ids with scores: a flat array in RESP2, an array of pairs in RESP3 and JSON.
    package mutating func pairs(count: Int) { array(count: form == .two ? 2 * count : count) }

    package mutating func pair(id: Span<UInt8>, score: Double) {
        guard !isJSON else { return jsonPair(id: id, score: score) }
        let isThree = self.isThree
        ByteCursor.write(id.count + 4 * ByteCursor.lineBytesMax, to: &buffer) { cursor in
            if isThree { cursor.appendLine(Mark.array, 2) }
            cursor.appendBulk(id)
            cursor.appendScore(score, isThree: isThree)
        }
    }

    private mutating func header(_ mark: UInt8, _ count: Int) {
        ByteCursor.write(ByteCursor.lineBytesMax, to: &buffer) { $0.appendLine(mark, count) }
    }

    /// A line end within would end the reply too early, so every control character is a space.
    private mutating func line(_ mark: UInt8, _ text: String) {
        let bytes = text.utf8.span
        ByteCursor.write(bytes.count + ByteCursor.lineBytesMax, to: &buffer) { cursor in
            cursor.append(mark)
            for index in bytes.indices {
                let byte = bytes[index]
                cursor.append(byte < 0x20 || byte == 0x7F ? UInt8(ascii: " ") : byte)
            }
            cursor.appendLineEnd()
        }
    }
}

extension ByteCursor {
    fileprivate mutating func appendBulk(_ bytes: Span<UInt8>) {
        appendLine(Mark.bulk, bytes.count)
        append(bytes)
        appendLineEnd()
    }

    fileprivate mutating func appendScore(_ value: Double, isThree: Bool) {
        guard isThree else { return appendBulk(value) }
        append(UInt8(ascii: ","))
        append(value)
        appendLineEnd()
    }
}
