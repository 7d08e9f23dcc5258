/// What a text says, as a row of the text space: unit length, 127 stands for 1.
public struct TextRow: Sendable, Equatable {
    private var values: InlineArray<128, Int8>

    public static let zero = TextRow(values: InlineArray(repeating: 0))

    public init(values: InlineArray<128, Int8>) { self.values = values }

    public subscript(_ index: Int) -> Int8 {
        get { values[index] }
        set { values[index] = newValue }
    }

    /// The dot product, 127 x 127 for equal directions.
    public func dot(_ other: TextRow) -> Int {
        var sum = 0
        for index in 0..<Limits.textDimension {
            sum += Int(values[index]) * Int(other.values[index])
        }
        return sum
    }

    /// Calls `body` with the values where they lie.
    public func withValues<Result, Failure: Error>(
        _ body: (UnsafePointer<Int8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let span = values.span
        return unsafe try span.withUnsafeBufferPointer { (buffer) throws(Failure) -> Result in
            guard let base = buffer.baseAddress else {
                preconditionFailure("a row has values")
            }
            return try unsafe body(base)
        }
    }

    public static func == (left: TextRow, right: TextRow) -> Bool {
        (0..<Limits.textDimension).allSatisfy { left.values[$0] == right.values[$0] }
    }

    /// The unit row in the direction of the sum; `nil` when the sum has no direction.
    public static func direction(ofSum rows: [TextRow]) -> TextRow? {
        var sums = [Int](repeating: 0, count: Limits.textDimension)
        for row in rows {
            for index in sums.indices { sums[index] += Int(row[index]) }
        }
        let length = Double(sums.reduce(0) { $0 + $1 * $1 }).squareRoot()
        guard length > 0 else { return nil }
        var unit = TextRow.zero
        for index in sums.indices {
            unit[index] = Int8(
                (Double(sums[index]) * 127 / length).rounded(.toNearestOrAwayFromZero))
        }
        return unit
    }
}
