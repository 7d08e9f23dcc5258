import Domain
import NIOCore

/// Replies as JSON: maps are objects, pairs are objects of `id` and `score`, doubles are the decimals
/// that RESP writes, and an error is `{"error":{"code":...,"message":...}}`.
extension ReplyWriter {
    mutating func json(_ reply: Reply) {
        nesting.begin(in: &buffer)
        var writer = JSONWriter(buffer: buffer)
        buffer = ByteBuffer()  // no storage: the buffer has one owner while it grows
        writer.write(reply)
        buffer = writer.buffer
        nesting.end(in: &buffer)
    }

    mutating func json(bytes: Span<UInt8>) {
        nesting.begin(in: &buffer)
        var writer = JSONWriter(buffer: buffer)
        buffer = ByteBuffer()
        writer.write(bytes)
        buffer = writer.buffer
        nesting.end(in: &buffer)
    }

    /// A value that is a JSON text already.
    mutating func json(verbatim text: Span<UInt8>) {
        nesting.begin(in: &buffer)
        ByteCursor.write(text.count, to: &buffer) { $0.append(text) }
        nesting.end(in: &buffer)
    }

    mutating func jsonPair(id: Span<UInt8>, score: Double) {
        nesting.beginMap(count: 2, in: &buffer)
        json(.bulk("id"))
        json(bytes: id)
        json(.bulk("score"))
        json(.double(score))
    }

    /// The code word that RESP's errors begin with is left out.
    mutating func jsonError(_ message: String, _ code: ErrorCode) {
        let text = message.split(separator: " ", maxSplits: 1).last.map(String.init) ?? message
        json(["error": ["code": .bulk(code.rawValue), "message": .bulk(text)]])
    }
}
