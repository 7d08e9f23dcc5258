/// SplitMix64: the same numbers from the same seed, on every machine and in every version of Swift.
package struct SeededRandom: Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// The numbers of one case, which depend on nothing but the seed, its property and its number.
    package init(seed: UInt64, property: String, number: Int) {
        var mixed = seed
        for byte in property.utf8 { mixed = Self.mixed(mixed &+ UInt64(byte)) }
        self.init(seed: Self.mixed(mixed &+ UInt64(number)))
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mixed(state)
    }

    /// From 0 to `bound` - 1; the bias of a remainder is far below anything that matters here.
    package mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    package mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[below(elements.count)]
    }

    /// True once in so many times.
    package mutating func chance(oneIn times: Int) -> Bool { below(times) == 0 }

    private static func mixed(_ state: UInt64) -> UInt64 {
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}
