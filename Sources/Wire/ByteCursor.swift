import NIOCore
import ShortestDecimal

/// Fills room at the end of a buffer that was reserved for the whole of a small reply, so that its
/// many short pieces cost one check of the capacity together.
///
/// The only file of this module that writes through pointers. Every piece is checked against the
/// reservation: a reservation that is too small is our bug, and traps.
@safe struct ByteCursor {
    /// Room that every decimal, double or integer, fits in.
    static let decimalBytesMax = Int(SHORTEST_DECIMAL_BYTES_MAX)
    /// Room for a mark, a decimal and a line end.
    static let lineBytesMax = 1 + decimalBytesMax + Mark.lineEndBytes

    private let start: UnsafeMutablePointer<UInt8>
    private let capacity: Int
    private var count = 0

    private init(start: UnsafeMutablePointer<UInt8>, capacity: Int) {
        unsafe self.start = start
        self.capacity = capacity
    }

    /// Reserves `byteCount` bytes behind what `buffer` holds and keeps what `body` fills of them.
    @inline(__always)
    static func write(
        _ byteCount: Int, to buffer: inout ByteBuffer, _ body: (inout ByteCursor) -> Void
    ) {
        _ = unsafe buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: byteCount) { room in
            guard let base = room.baseAddress else { return 0 }
            var cursor = unsafe ByteCursor(
                start: base.assumingMemoryBound(to: UInt8.self), capacity: room.count)
            body(&cursor)
            return cursor.count
        }
    }

    /// The place of `byteCount` more bytes, which the caller fills.
    @inline(__always)
    private mutating func take(_ byteCount: Int) -> UnsafeMutablePointer<UInt8> {
        precondition(byteCount <= capacity - count, "the reservation was too small")
        defer { count += byteCount }
        return unsafe start + count
    }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        unsafe take(1).pointee = byte
    }

    @inline(__always)
    mutating func append(_ bytes: Span<UInt8>) {
        let place = unsafe take(bytes.count)
        unsafe bytes.withUnsafeBufferPointer { source in
            guard let base = source.baseAddress else { return }
            unsafe place.update(from: base, count: source.count)
        }
    }

    @inline(__always)
    mutating func appendLineEnd() {
        let place = unsafe take(Mark.lineEndBytes)
        unsafe place[0] = Mark.carriageReturn
        unsafe place[1] = Mark.lineFeed
    }

    mutating func append(_ number: Int64) {
        if number < 0 { append(UInt8(ascii: "-")) }
        var rest = number.magnitude
        var digitsCount = 1
        var bound: UInt64 = 10
        while rest >= bound {
            digitsCount += 1
            guard digitsCount < 20 else { break }
            bound *= 10
        }
        let place = unsafe take(digitsCount)
        var index = digitsCount
        while index > 0 {
            index -= 1
            unsafe place[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }

    /// The shortest decimal that reads back to the same double; infinities are `inf` and `-inf`,
    /// what is not a number is `nan`.
    mutating func append(_ number: Double) {
        precondition(Self.decimalBytesMax <= capacity - count, "the reservation was too small")
        count += unsafe Self.write(number, at: start + count)
    }

    /// A mark, a number and a line end: `$5\r\n`.
    @inline(__always)
    mutating func appendLine(_ mark: UInt8, _ number: Int) {
        append(mark)
        append(Int64(number))
        appendLineEnd()
    }

    /// A double as a bulk string: `$3\r\n0.5\r\n`.
    mutating func appendBulk(_ number: Double) {
        // Written a little further on, and moved to behind the length line when that is known.
        let lineRoom = 5
        precondition(
            lineRoom + Self.decimalBytesMax <= capacity - count, "the reservation was too small")
        let digits = unsafe start + count + lineRoom
        let digitsCount = unsafe Self.write(number, at: digits)
        appendLine(Mark.bulk, digitsCount)
        unsafe (start + count).update(from: digits, count: digitsCount)
        count += digitsCount
        appendLineEnd()
    }

    private static func write(_ number: Double, at place: UnsafeMutablePointer<UInt8>) -> Int {
        guard !number.isNaN else {
            unsafe place[0] = UInt8(ascii: "n")
            unsafe place[1] = UInt8(ascii: "a")
            unsafe place[2] = UInt8(ascii: "n")
            return 3
        }
        return unsafe shortest_decimal_write(
            number, UnsafeMutableRawPointer(place).assumingMemoryBound(to: CChar.self))
    }
}
