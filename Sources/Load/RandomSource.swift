/// xoshiro256**, seeded by SplitMix64: the same seed and stream give the same numbers on every
/// machine.
struct RandomSource: RandomNumberGenerator {
    private var a: UInt64
    private var b: UInt64
    private var c: UInt64
    private var d: UInt64

    /// - Parameter stream: Numbers of different streams of one seed have nothing to do with each
    ///   other: one a loop, one an item.
    init(seed: UInt64, stream: UInt64 = 0) {
        var state = seed &+ stream &* 0xD1B5_4A32_D192_ED03
        func split() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
        a = split()
        b = split()
        c = split()
        d = split()
    }

    mutating func next() -> UInt64 {
        let product = b &* 5
        let result = ((product << 7) | (product >> 57)) &* 9
        let shifted = b << 17
        c ^= a
        d ^= b
        b ^= c
        a ^= d
        c ^= shifted
        d = (d << 45) | (d >> 19)
        return result
    }

    /// At least 0 and less than 1.
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// At least 0 and less than `bound`; the bias is less than `bound` in 2^64.
    mutating func below(_ bound: Int) -> Int {
        Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
    }
}
