import Domain
import NIOCore

/// Writes a reply as JSON text (RFC 8259) without spaces: `FORMAT JSON` and the HTTP side.
///
/// Doubles are the shortest decimals that read back to the same double; JSON has no word for
/// infinity or for what is not a number, so those are null. Bytes that are not UTF-8 are repaired,
/// and an error is an object with one member, `error`.
package struct JSONWriter {
    package var buffer: ByteBuffer

    package init(buffer: ByteBuffer = ByteBuffer()) { self.buffer = buffer }

    /// The JSON text of one reply.
    package static func text(of reply: Reply) -> String {
        var writer = JSONWriter()
        writer.write(reply)
        return String(buffer: writer.buffer)
    }

    package mutating func write(_ reply: Reply) {
        switch reply {
        case .null: buffer.writeStaticString("null")
        case .boolean(let value): buffer.writeStaticString(value ? "true" : "false")
        case .integer(let value):
            ByteCursor.write(ByteCursor.decimalBytesMax, to: &buffer) { $0.append(value) }
        case .double(let value): write(value)
        case .simple(let text), .bulk(let text), .verbatim(let text): write(text)
        case .bytes(let bytes): write(String(decoding: bytes, as: UTF8.self))
        case .error(let message): write(["error": .bulk(message)])
        case .array(let elements), .set(let elements): write(elements)
        case .map(let fields): write(fields)
        }
    }

    private mutating func write(_ value: Double) {
        guard value.isFinite else {
            buffer.writeStaticString("null")
            return
        }
        ByteCursor.write(ByteCursor.decimalBytesMax, to: &buffer) { $0.append(value) }
    }

    private mutating func write(_ elements: [Reply]) {
        buffer.writeStaticString("[")
        for (index, element) in elements.enumerated() {
            if index > 0 { buffer.writeStaticString(",") }
            write(element)
        }
        buffer.writeStaticString("]")
    }

    private mutating func write(_ fields: [Reply.Field]) {
        buffer.writeStaticString("{")
        for (index, field) in fields.enumerated() {
            if index > 0 { buffer.writeStaticString(",") }
            write(field.key)
            buffer.writeStaticString(":")
            write(field.value)
        }
        buffer.writeStaticString("}")
    }

    private mutating func write(_ text: String) { write(utf8: text.utf8.span) }

    /// A string; bytes that are not UTF-8 are repaired.
    mutating func write(_ bytes: Span<UInt8>) {
        if bytes.isUTF8 { write(utf8: bytes) } else { write(String(repairing: bytes)) }
    }

    private mutating func write(utf8 text: Span<UInt8>) {
        buffer.writeStaticString("\"")
        guard text.indices.contains(where: { Self.isEscaped(text[$0]) }) else {
            ByteCursor.write(text.count + 1, to: &buffer) { cursor in
                cursor.append(text)
                cursor.append(UInt8(ascii: "\""))
            }
            return
        }
        for index in text.indices {
            let byte = text[index]
            switch byte {
            case UInt8(ascii: "\""): buffer.writeStaticString("\\\"")
            case UInt8(ascii: "\\"): buffer.writeStaticString("\\\\")
            case UInt8(ascii: "\n"): buffer.writeStaticString("\\n")
            case UInt8(ascii: "\r"): buffer.writeStaticString("\\r")
            case UInt8(ascii: "\t"): buffer.writeStaticString("\\t")
            case 0..<0x20, 0x7F:
                buffer.writeStaticString("\\u00")
                buffer.writeInteger(Self.hexadecimal(byte >> 4))
                buffer.writeInteger(Self.hexadecimal(byte & 15))
            default: buffer.writeInteger(byte)
            }
        }
        buffer.writeStaticString("\"")
    }

    private static func isEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == 0x7F || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8 {
        digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }
}
