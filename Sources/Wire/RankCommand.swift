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
    /// Whether the reply is a map with coverage, policy and time, as one to a budget always is.
    package var isFull: Bool
    /// Microseconds from the arrival of the command to its reply.
    package var budget: Int? { didSet { isFull = isFull || budget != nil } }
    package var candidates: Candidates

    package init(occasion: Occasion, top: Int, isFull: Bool, candidates: Candidates) {
        self.occasion = occasion
        self.top = top
        self.isFull = isFull
        self.candidates = candidates
    }
}

extension Command {
    /// Microseconds that a request gives for its reply; `nil` for one without, and other commands.
    package var budget: Int? {
        switch self {
        case .rank(let command), .recommend(let command): command.budget
        default: nil
        }
    }
}
