import CSIMD
import Domain

/// A surface with its words turned into the core's numbers, once, when it is set.
package final class ResolvedSurface: Sendable {
    package let surface: Surface
    /// `nil` takes chats of every product as its own.
    let product: ProductNumber?
    /// The affinities that the surface weighs, in the order of terms.
    let affinityTerms: [Term]
    /// What a request of the surface starts from; clock, region and language are its own.
    let setup: csimd_rank_setup
    private let textAffinities: PerCase<SignalClass, Int?>
    private let tasteAffinities: PerCase<SignalClass, Int?>
    /// A type's weight in units of 2^-15.
    private let unitWeights: PerCase<SignalType, UInt32>

    init(_ surface: Surface, kinds: UInt32, product: ProductNumber?, hasTaste: Bool) {
        self.surface = surface
        self.product = product
        let terms = Term.allCases.filter { term in
            guard let (_, space) = term.affinity else { return false }
            return surface.weights[term] != 0 && (space == .text || hasTaste)
        }
        affinityTerms = terms
        var text = PerCase<SignalClass, Int?>(repeating: nil)
        var taste = PerCase<SignalClass, Int?>(repeating: nil)
        for (index, term) in terms.enumerated() {
            guard let (signals, space) = term.affinity else { continue }
            switch space {
            case .text: text[signals] = index
            case .taste: taste[signals] = index
            }
        }
        textAffinities = text
        tasteAffinities = taste
        var units = PerCase<SignalType, UInt32>(repeating: 0)
        for type in SignalType.allCases {
            units[type] = UInt32((surface.typeWeights[type] * 32_768).rounded())
        }
        unitWeights = units
        setup = Self.setup(of: surface, kinds: kinds, terms: terms)
    }

    func affinity(of signals: SignalClass, in space: Space) -> Int? {
        switch space {
        case .text: textAffinities[signals]
        case .taste: tasteAffinities[signals]
        }
    }

    func unitWeight(of type: SignalType) -> UInt32 { unitWeights[type] }

    private static func setup(
        of surface: Surface, kinds: UInt32, terms: [Term]
    ) -> csimd_rank_setup {
        var setup = csimd_rank_setup()
        setup.kinds = kinds
        setup.is_ads = surface.lane == .ads
        setup.bias = surface.bias
        setup.prior_weight = surface.weights[.prior]
        setup.prior_logit = csimd_logit(surface.prior)
        setup.freshness_weight = surface.weights[.freshness]
        setup.freshness_half_life_ms = surface.freshnessHalfLife
        setup.follow_weight = surface.weights[.follow]
        setup.fatigue_weight = surface.weights[.fatigue]
        setup.fatigue_half_life_ms = surface.fatigueHalfLife
        setup.floor = surface.floor
        setup.affinities_count = terms.count
        unsafe withUnsafeMutableBytes(of: &setup.affinities) { bytes in
            for (index, term) in terms.enumerated() {
                guard let (signals, space) = term.affinity else { continue }
                var affinity = csimd_affinity_setup()
                affinity.space = space == .text ? CSIMD_SPACE_TEXT : CSIMD_SPACE_TASTE
                affinity.shape =
                    surface.shapes[signals] == .linear ? CSIMD_SHAPE_LINEAR : CSIMD_SHAPE_POSITIVE
                affinity.weight = surface.weights[term]
                // A chat serves no flagged item; on the ads lane nothing does.
                affinity.spans_sensitive = surface.lane == .content && signals != .chat
                unsafe bytes.storeBytes(
                    of: affinity,
                    toByteOffset: index * MemoryLayout<csimd_affinity_setup>.stride,
                    as: csimd_affinity_setup.self)
            }
        }
        return setup
    }
}
