import Domain

/// `RANK` and `RECOMMEND` as parsed: numbers and ranges only, so that a request allocates nothing.
package struct RankCommand: Sendable, Equatable {
    /// What is ranked.
    package enum Candidates: Sendable, Equatable {
        /// All live items of the surface's kinds.
        case all
        /// Little-endian 64-bit numbers: n is the item whose id is the decimal n.
        case packed(ByteRange)
        /// Arguments `first..<first + count` are ids, each of a possible length.
        case items(first: Int, count: Int)
    }

    package var occasion: Occasion
    /// Results at most: 1 to `Limits.topMax`.
    package var top: Int
    /// Whether the reply is a map with coverage, policy and time.
    package var isFull: Bool
    package var candidates: Candidates

    package init(occasion: Occasion, top: Int, isFull: Bool, candidates: Candidates) {
        self.occasion = occasion
        self.top = top
        self.isFull = isFull
        self.candidates = candidates
    }
}
