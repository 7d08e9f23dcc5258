import Domain
import NIOCore
import Wire

/// Writes commands, behind each other, into one buffer: arrays of bulk strings, which is the form
/// of a reply in RESP2, so `ReplyWriter` does the work.
struct CommandWriter {
    private var writer = ReplyWriter()
    private var scratch: [UInt8] = []

    var bytes: ByteBuffer { writer.buffer }
    var count: Int { writer.buffer.readableBytes }

    /// Called when the bytes have been handed to the socket.
    mutating func clear() {
        if writer.buffer.capacity > Limits.outputBytesKeptMax {
            writer.buffer = ByteBuffer()
        } else {
            writer.buffer.clear()
        }
    }

    mutating func begin(words: Int) { writer.array(count: words) }

    mutating func word(_ text: String) { writer.bulk(text) }

    mutating func word(_ number: Int) { writer.bulk(String(number)) }

    mutating func word(_ bytes: Span<UInt8>) { writer.bulk(bytes) }

    /// A command of fixed words.
    mutating func command(_ words: String...) {
        begin(words: words.count)
        for text in words { word(text) }
    }

    /// Little-endian 64-bit numbers in one bulk string.
    mutating func packed(count: Int, _ next: () -> Int) {
        scratch.removeAll(keepingCapacity: true)
        scratch.reserveCapacity(8 * count)
        for _ in 0..<count {
            var number = UInt64(next())
            for _ in 0..<8 {
                scratch.append(UInt8(truncatingIfNeeded: number))
                number >>= 8
            }
        }
        writeScratch()
    }

    /// Little-endian floats of 32 bits in one bulk string.
    mutating func vector(count: Int, _ next: () -> Float) {
        scratch.removeAll(keepingCapacity: true)
        for _ in 0..<count {
            var bits = next().bitPattern
            for _ in 0..<4 {
                scratch.append(UInt8(truncatingIfNeeded: bits))
                bits >>= 8
            }
        }
        writeScratch()
    }

    /// One word made of pieces.
    mutating func pieces(_ body: (inout [UInt8]) -> Void) {
        scratch.removeAll(keepingCapacity: true)
        body(&scratch)
        writeScratch()
    }

    private mutating func writeScratch() {
        let bytes = scratch
        writer.bulk(bytes.span)
    }
}
