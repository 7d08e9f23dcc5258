/// Vectors and packed ids as the wire carries them.
enum Blob {
    /// Little-endian 32-bit floats.
    static func vector(_ values: [Float]) -> [UInt8] {
        values.flatMap { value in
            (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(8 * $0)) }
        }
    }

    /// A vector that is 1 in one dimension.
    static func axis(_ index: Int, of count: Int = 128) -> [UInt8] {
        vector((0..<count).map { $0 == index ? 1 : 0 })
    }

    /// Little-endian 64-bit numbers.
    static func packed(_ numbers: [UInt64]) -> [UInt8] {
        numbers.flatMap { number in
            (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(8 * $0)) }
        }
    }
}

/// The words of a line, with one more argument of any bytes at its end.
func words(of line: String, _ blob: [UInt8], _ rest: String = "") -> [[UInt8]] {
    words(of: line) + [blob] + words(of: rest)
}
