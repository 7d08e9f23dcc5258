import Foundation

/// How requests arrive when nobody waits for replies.
package enum Arrivals: String, CaseIterable, Sendable {
    /// Independent users: gaps are exponential, so requests come in clusters and pauses.
    case poisson
    /// One every 1/rate seconds.
    case fixed
}

/// The instants at which requests are due, one after the other, without end.
///
/// A schedule is a share of the whole: `shares` loops have one each, and together they have the
/// rate. It knows nothing of replies; that is what makes the load open.
struct ArrivalSchedule {
    private let arrivals: Arrivals
    /// Between two arrivals of this share, in nanoseconds.
    private let gap: Double
    private let phase: Double
    private var random: RandomSource
    private var count = 0.0
    private var elapsed = 0.0

    /// - Parameter rate: Of the whole, requests a second.
    init(_ arrivals: Arrivals, rate: Double, share: Int = 0, of shares: Int = 1, seed: UInt64) {
        self.arrivals = arrivals
        gap = 1e9 * Double(shares) / rate
        phase = gap * Double(share) / Double(shares)
        random = RandomSource(seed: seed, stream: UInt64(share) &+ Self.stream)
    }

    private static let stream: UInt64 = 1 << 40

    /// Nanoseconds from the start to the next arrival.
    mutating func next() -> UInt64 {
        switch arrivals {
        case .fixed:
            defer { count += 1 }
            return UInt64(count * gap + phase)
        case .poisson:
            elapsed -= log(1 - random.unit()) * gap
            return UInt64(elapsed)
        }
    }
}
