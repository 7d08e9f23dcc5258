import NIOCore
import ShortestDecimal

/// Fills room at the end of a buffer that was reserved for the whole of a small reply, so that its
/// many short pieces cost one check of the capacity together.
///
/// The only file of this module that writes through pointers.
@safe struct ByteCursor {
    /// Room that every decimal, double or integer, fits in.
    static let decimalBytesMax = Int(SHORTEST_DECIMAL_BYTES_MAX)
    /// Room for a mark, a decimal and a line end.
    static let lineBytesMax = 1 + decimalBytesMax + Mark.lineEndBytes

    private let room: UnsafeMutableRawBufferPointer
    private var count = 0

    private init(room: UnsafeMutableRawBufferPointer) { unsafe self.room = room }

    mutating func append(_ byte: UInt8) {
        precondition(unsafe count < room.count, "the reservation was too small")
        unsafe room[count] = byte
        count += 1
    }

    mutating func append(_ bytes: Span<UInt8>) {
        precondition(unsafe bytes.count <= room.count - count, "the reservation was too small")
        unsafe bytes.withUnsafeBytes { source in
            unsafe UnsafeMutableRawBufferPointer(rebasing: room[count...]).copyMemory(from: source)
        }
        count += bytes.count
    }

    mutating func appendLineEnd() {
        append(Mark.carriageReturn)
        append(Mark.lineFeed)
    }

    mutating func append(_ number: Int64) {
        let start = count
        var rest = number.magnitude
        repeat {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        if number < 0 { append(UInt8(ascii: "-")) }
        unsafe room[start..<count].reverse()
    }

    /// The shortest decimal that reads back to the same double.
    mutating func append(_ number: Double) {
        precondition(
            unsafe Self.decimalBytesMax <= room.count - count, "the reservation was too small")
        guard !number.isNaN else {
            for letter in [UInt8(ascii: "n"), UInt8(ascii: "a"), UInt8(ascii: "n")] {
                append(letter)
            }
            return
        }
        guard let base = unsafe room.baseAddress else { return }
        let out = unsafe (base + count).assumingMemoryBound(to: CChar.self)
        count += unsafe shortest_decimal_write(number, out)
    }

    /// A mark, a number and a line end: `$5\r\n`.
    mutating func appendLine(_ mark: UInt8, _ number: Int) {
        append(mark)
        append(Int64(number))
        appendLineEnd()
    }

    /// A double as a bulk string: `$3\r\n0.5\r\n`.
    mutating func appendBulk(_ number: Double) {
        let start = count
        append(number)
        let length = count - start
        // The digits are moved behind the length line, of which only they know how long it is.
        let shift = 1 + (length < 10 ? 1 : 2) + Mark.lineEndBytes
        precondition(unsafe shift <= room.count - count, "the reservation was too small")
        unsafe room.baseAddress.map { base in
            unsafe (base + start + shift).copyMemory(from: base + start, byteCount: length)
        }
        count = start
        appendLine(Mark.bulk, length)
        count += length
        appendLineEnd()
    }

    /// Reserves `byteCount` bytes behind what `buffer` holds and keeps what `body` fills of them.
    static func write(
        _ byteCount: Int, to buffer: inout ByteBuffer, _ body: (inout ByteCursor) -> Void
    ) {
        _ = unsafe buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: byteCount) { room in
            var cursor = unsafe ByteCursor(room: room)
            body(&cursor)
            return cursor.count
        }
    }
}
