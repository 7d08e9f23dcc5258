/// A vector that a caller brings, checked: finite, within [-1, 1], not all zero.
public struct SpaceVector: Sendable, Equatable {
    public let space: Space
    public let values: [Float]

    public init(space: Space, values: [Float]) throws(DomainError) {
        var isZero = true
        for (index, value) in values.enumerated() {
            guard value.isFinite else {
                throw .vector("value \(index) of the \(space.rawValue) vector is not finite")
            }
            guard value.magnitude <= 1 else {
                throw .vector(
                    "value \(index) of the \(space.rawValue) vector is \(value), outside -1 to 1")
            }
            if value != 0 { isZero = false }
        }
        guard !isZero else { throw .vector("the \(space.rawValue) vector is empty or all zero") }
        self.space = space
        self.values = values
    }
}
