/// What a text says, as a direction: `Limits.textDimension` signed bytes of unit length, 127 = 1.0.
///
/// Values are in [-127, 127]. Lengths differ from 127 by rounding only; the row of a text without
/// known words is all zeros.
public struct TextRow: Equatable, Sendable {
    public var values: InlineArray<128, Int8>

    public static let zero = TextRow(values: InlineArray(repeating: 0))

    public init(values: InlineArray<128, Int8>) {
        self.values = values
    }

    public static func == (left: TextRow, right: TextRow) -> Bool {
        left.values.indices.allSatisfy { left.values[$0] == right.values[$0] }
    }

    /// 16,129 times the cosine.
    public func dot(_ other: TextRow) -> Int32 {
        var sum: Int32 = 0
        for index in values.indices {
            sum &+= Int32(values[index]) &* Int32(other.values[index])
        }
        return sum
    }
}
