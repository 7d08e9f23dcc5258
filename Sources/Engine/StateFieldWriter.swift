import Domain
import Policy

/// The setup and single fields of a state's preamble, as bytes.
struct StateFieldWriter {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ number: some FixedWidthInteger) {
        for index in 0..<number.bitWidth / 8 {
            bytes.append(UInt8(truncatingIfNeeded: number >> (8 * index)))
        }
    }

    mutating func append(_ number: Double) { append(number.bitPattern) }

    mutating func append(_ text: String) {
        append(UInt32(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    mutating func append(_ texts: [String]) {
        append(UInt32(texts.count))
        for text in texts { append(text) }
    }

    mutating func append(_ setup: Setup) {
        append(setup.policyDigest)
        append(setup.policy)
        append(setup.kinds.map(\.text))
        append(setup.products.map(\.text))
        append(UInt32(setup.allSurfaces.count))
        for surface in setup.allSurfaces { append(surface) }
    }

    private mutating func append(_ policy: PolicyTable) {
        append(policy.effective.milliseconds)
        append(policy.excludedRegions.map(\.description).sorted())
        append(policy.crossing.rawValue)
        append(policy.contextTextLanes.map(\.rawValue).sorted())
    }

    /// Every setting of the surface, in a fixed order.
    mutating func append(_ surface: Surface) {
        append(surface.name.text)
        append(surface.lane.rawValue)
        append(surface.product?.text ?? "")
        append(surface.kinds.map(\.text))
        for value in [surface.bias, surface.prior, surface.floor] { append(value) }
        append(surface.freshnessHalfLife)
        append(surface.fatigueHalfLife)
        for term in Term.allCases { append(surface.weights[term]) }
        for type in SignalType.allCases { append(surface.typeWeights[type]) }
        for signals in SignalClass.allCases {
            append(surface.halfLives[signals])
            append(surface.shapes[signals].rawValue)
            append(UInt32(surface.signalCounts[signals]))
        }
    }
}
