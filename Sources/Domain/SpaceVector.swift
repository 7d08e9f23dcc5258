/// A vector that a caller brings, checked: finite, within [-1, 1], not all zero.
public struct SpaceVector: Sendable, Equatable {
    public let space: Space
    public let values: [Float]

    public init(space: Space, values: [Float]) throws(DomainError) {
        var check = Check(space: space)
        for value in values { try check.add(value) }
        try check.finish()
        self.space = space
        self.values = values
    }

    /// From little-endian 32-bit floats.
    public init(space: Space, littleEndian bytes: Span<UInt8>) throws(DomainError) {
        try Self.check(space: space, littleEndian: bytes)
        self.space = space
        values = (0..<bytes.count / 4).map { bytes.float(at: $0 * 4) }
    }

    /// Throws unless the bytes are such a vector; allocates nothing.
    public static func check(
        space: Space, littleEndian bytes: Span<UInt8>
    ) throws(DomainError) {
        guard bytes.count % 4 == 0 else {
            throw .vector(
                "the \(space.rawValue) vector has \(bytes.count) bytes, not a multiple of 4")
        }
        var check = Check(space: space)
        for offset in stride(from: 0, to: bytes.count, by: 4) {
            try check.add(bytes.float(at: offset))
        }
        try check.finish()
    }

    /// Looks at one value after the other.
    private struct Check {
        let space: Space
        var count = 0
        var isZero = true

        init(space: Space) { self.space = space }

        mutating func add(_ value: Float) throws(DomainError) {
            guard value.isFinite else {
                throw .vector("value \(count) of the \(space.rawValue) vector is not finite")
            }
            guard value.magnitude <= 1 else {
                throw .vector(
                    "value \(count) of the \(space.rawValue) vector is \(value), outside -1 to 1")
            }
            if value != 0 { isZero = false }
            count += 1
        }

        func finish() throws(DomainError) {
            guard !isZero else {
                throw .vector("the \(space.rawValue) vector is empty or all zero")
            }
        }
    }
}

extension Span<UInt8> {
    /// The little-endian float whose four bytes begin at `offset`.
    fileprivate func float(at offset: Int) -> Float {
        var bits: UInt32 = 0
        for index in 0..<4 { bits |= UInt32(self[offset + index]) << UInt32(8 * index) }
        return Float(bitPattern: bits)
    }
}
