import CSIMD
import Domain

/// A surface with its words turned into the core's numbers, once, when it is set.
package final class ResolvedSurface: Sendable {
    package let surface: Surface
    /// `nil` takes only chats that name no product.
    let product: ProductNumber?
    /// The affinities that the surface weighs, in the order of terms.
    let affinityTerms: [Term]
    /// What a request of the surface starts from; clock, region and language are its own.
    let setup: csimd_rank_setup
    let weighsFollows: Bool
    let weighsFatigue: Bool
    /// By a class's and a type's raw value: a request looks them up for every signal.
    private let rules: InlineArray<5, Rule>
    /// A type's weight in units of 2^-15.
    private let unitWeights: InlineArray<11, UInt32>

    /// How the signals of one class are weighed.
    struct Rule {
        /// The newest that one request weighs.
        var count = 0
        /// In milliseconds.
        var halfLife: Int64 = 1
        var textAffinity: Int?
        var tasteAffinity: Int?
    }

    init(_ surface: Surface, kinds: UInt32, product: ProductNumber?, hasTaste: Bool) {
        self.surface = surface
        self.product = product
        let terms = Term.allCases.filter { term in
            guard let (_, space) = term.affinity else { return false }
            return surface.weights[term] != 0 && (space == .text || hasTaste)
        }
        affinityTerms = terms
        weighsFollows = surface.weights[.follow] != 0
        weighsFatigue = surface.weights[.fatigue] != 0
        var rules = InlineArray<5, Rule>(repeating: Rule())
        for signals in SignalClass.allCases {
            rules[Int(signals.rawValue)] = Rule(
                count: surface.signalCounts[signals], halfLife: surface.halfLives[signals],
                textAffinity: terms.firstIndex { $0.isAffinity(of: signals, in: .text) },
                tasteAffinity: terms.firstIndex { $0.isAffinity(of: signals, in: .taste) })
        }
        self.rules = rules
        var units = InlineArray<11, UInt32>(repeating: 0)
        for type in SignalType.allCases {
            units[Int(type.rawValue)] = UInt32((surface.typeWeights[type] * 32_768).rounded())
        }
        unitWeights = units
        setup = Self.setup(of: surface, kinds: kinds, terms: terms)
    }

    func rule(of signals: SignalClass) -> Rule { rules[Int(signals.rawValue)] }

    var weighsChats: Bool { rule(of: .chat).textAffinity != nil }

    func unitWeight(of type: SignalType) -> UInt32 { unitWeights[Int(type.rawValue)] }

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
                // Taste vectors are learned by a linear model, so they are summed as they are.
                let isLinear = space == .taste || surface.shapes[signals] == .linear
                affinity.shape = isLinear ? CSIMD_SHAPE_LINEAR : CSIMD_SHAPE_POSITIVE
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

extension Term {
    fileprivate func isAffinity(of signals: SignalClass, in space: Space) -> Bool {
        guard let affinity else { return false }
        return affinity.signals == signals && affinity.space == space
    }
}
