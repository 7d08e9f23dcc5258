import CSIMD
import Domain

/// Why an item is no candidate of a request.
package enum CandidateFilter: String, Sendable {
    case unknown, kind, created, expired, region, language, floor
}

/// A score taken apart, in the core's numbers.
struct Explanation {
    struct Share {
        /// The signal's index in the profile, or the number of the context.
        let source: Int
        /// Which of the signal's topics it is.
        let part: Int
        let weight: Int
        let share: Int64

        /// Both in the one number that the core hands back.
        static func source(_ index: Int, part: Int) -> UInt32 { UInt32(index << 2 | part) }
    }

    struct Affinity {
        let value: Double
        let scale: Double
        let shares: [Share]
    }

    /// `nil` when the item is a candidate.
    let filter: CandidateFilter?
    let score: Double
    let probability: Double
    let logit: Double
    let bidMicros: Int64
    /// prior, freshness, follow, fatigue.
    let plain: [Double]
    /// In the order of the surface's affinity terms.
    let affinities: [Affinity]
}

extension Ranker {
    func explain(slot: UInt32?, affinitiesCount: Int) -> Explanation {
        let raw = unsafe csimd_rank_explain(self.raw, slot ?? UInt32.max)
        return Explanation(raw, affinitiesCount: affinitiesCount)
    }
}

extension Explanation {
    fileprivate init(_ raw: csimd_explanation, affinitiesCount: Int) {
        filter = CandidateFilter(raw.filter)
        score = raw.score
        probability = raw.probability
        logit = raw.logit
        bidMicros = raw.bid_micros
        plain = array(of: raw.plain, count: Int(CSIMD_PLAIN_TERMS))
        let values: [Double] = array(of: raw.affinities, count: affinitiesCount)
        let scales: [Double] = array(of: raw.scales, count: affinitiesCount)
        let counts: [Int] = array(of: raw.shares_count, count: affinitiesCount)
        let shares: [UnsafePointer<csimd_share>?] = unsafe array(
            of: raw.shares, count: affinitiesCount)
        affinities = (0..<affinitiesCount).map { index in
            let buffer = unsafe UnsafeBufferPointer(start: shares[index], count: counts[index])
            return Affinity(
                value: values[index], scale: scales[index],
                shares: unsafe buffer.map {
                    Share(
                        source: Int($0.source >> 2), part: Int($0.source & 3),
                        weight: Int($0.weight), share: $0.share)
                })
        }
    }
}

extension CandidateFilter {
    fileprivate init?(_ raw: csimd_filter) {
        switch raw {
        case CSIMD_FILTER_UNKNOWN: self = .unknown
        case CSIMD_FILTER_KIND: self = .kind
        case CSIMD_FILTER_CREATED: self = .created
        case CSIMD_FILTER_EXPIRED: self = .expired
        case CSIMD_FILTER_REGION: self = .region
        case CSIMD_FILTER_LANGUAGE: self = .language
        case CSIMD_FILTER_FLOOR: self = .floor
        default: return nil
        }
    }
}

/// The first `count` elements of a C array, which Swift sees as a tuple.
private func array<Tuple, Element>(of tuple: Tuple, count: Int) -> [Element] {
    unsafe withUnsafeBytes(of: tuple) { bytes in
        (0..<count).map { index in
            unsafe bytes.load(
                fromByteOffset: index * MemoryLayout<Element>.stride, as: Element.self)
        }
    }
}
