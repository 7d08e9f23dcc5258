import Domain

/// The line behind `*` or `$`: a decimal and CR LF.
enum LengthLine {
    case incomplete
    /// No CR within `Limits.lengthLineBytesMax` bytes.
    case tooLong
    case invalid
    /// The number, and where the next line begins.
    case number(Int64, end: Int)

    /// Short enough to be read again from its start when its end comes later.
    static func read(in bytes: Span<UInt8>, from start: Int) -> LengthLine {
        let limit = min(bytes.count, start + Limits.lengthLineBytesMax)
        var end = start
        while end < limit, bytes[end] != Mark.carriageReturn { end += 1 }
        guard end < limit else {
            return end == start + Limits.lengthLineBytesMax ? .tooLong : .incomplete
        }
        guard end + 1 < bytes.count else { return .incomplete }
        guard bytes[end + 1] == Mark.lineFeed,
            let number = Int64(decimal: bytes.extracting(start..<end))
        else { return .invalid }
        return .number(number, end: end + Mark.lineEndBytes)
    }
}
