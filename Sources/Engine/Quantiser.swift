import Domain

/// Vectors of floats to rows of int8: 127 stands for 1, and -128 does not occur.
///
/// Text vectors are brought to unit length; taste vectors keep theirs, which carries information.
enum Quantiser {
    /// The values of a vector, as many as it has.
    static func levels(of vector: SpaceVector) -> [Int8] {
        let squareSum = vector.values.reduce(0.0) { $0 + Double($1) * Double($1) }
        let scale = scale(of: vector.space, squareSum: squareSum)
        return vector.values.map { level($0, scale: scale) }
    }

    static func textRow(of vector: SpaceVector) -> TextRow {
        let levels = levels(of: vector)
        var textRow = TextRow.zero
        for index in 0..<Limits.textDimension { textRow[index] = levels[index] }
        return textRow
    }

    /// The values with zeros to whole cache lines behind them, as the core takes them.
    static func padded(_ levels: [Int8]) -> [Int8] {
        levels + Array(repeating: 0, count: padded(levels.count) - levels.count)
    }

    /// How many int8 values a row of the dimension takes.
    static func padded(_ dimension: Int) -> Int {
        let unit = Limits.rowPaddingBytes
        return (dimension + unit - 1) / unit * unit
    }

    static func scale(of space: Space, squareSum: Double) -> Double {
        space == .text ? 127 / squareSum.squareRoot() : 127
    }

    /// Rounds half away from zero, as the text model does.
    static func level(_ value: Float, scale: Double) -> Int8 {
        let level = (Double(value) * scale).rounded(.toNearestOrAwayFromZero)
        return Int8(max(-127, min(127, level)))
    }

    /// The value of a vector of little-endian 32-bit floats.
    static func value(at index: Int, of bytes: Span<UInt8>) -> Float {
        var bits: UInt32 = 0
        for byte in 0..<4 { bits |= UInt32(bytes[index * 4 + byte]) << UInt32(8 * byte) }
        return Float(bitPattern: bits)
    }

    static func squareSum(of bytes: Span<UInt8>) -> Double {
        var sum = 0.0
        for index in 0..<bytes.count / 4 {
            let value = Double(value(at: index, of: bytes))
            sum += value * value
        }
        return sum
    }
}
