import Domain
import Foundation

/// How many candidates a request has: a bounded Pareto distribution, cut to whole numbers.
///
/// Most requests are near the least, a few are as large as the most, and the share of those above n
/// falls like n^-alpha. Equal bounds make every request alike.
package struct CandidateCounts: Equatable, Sendable, CustomStringConvertible {
    package let least: Int
    package let most: Int
    package let alpha: Double

    package init(least: Int, most: Int, alpha: Double) throws(LoadError) {
        guard least >= 1, most <= Limits.candidatesMax, least <= most else {
            throw .setting(
                "--candidates",
                "'\(least)-\(most)' is not within 1 to \(Limits.candidatesMax) and in order")
        }
        guard alpha > 0, alpha <= 100 else {
            throw .setting("--candidates-alpha", "\(alpha) is not above 0 and at most 100")
        }
        self.least = least
        self.most = most
        self.alpha = alpha
    }

    /// `1000`, or `100-5000`.
    package init(_ text: String, alpha: Double) throws(LoadError) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        switch parts.count {
        case 1:
            guard let number = parts[0] else { fallthrough }
            try self.init(least: number, most: number, alpha: alpha)
        case 2:
            guard let least = parts[0], let most = parts[1] else { fallthrough }
            try self.init(least: least, most: most, alpha: alpha)
        default:
            throw .setting("--candidates", "expected a number or LEAST-MOST, got '\(text)'")
        }
    }

    package var description: String { least == most ? "\(least)" : "\(least)-\(most)" }

    func draw(_ random: inout RandomSource) -> Int {
        guard least < most else { return least }
        // The continuous law runs from `least` to `most` + 1, so that `most` has a share too.
        let low = Double(least)
        let tail = 1 - pow(low / Double(most + 1), alpha)
        let x = low / pow(1 - random.unit() * tail, 1 / alpha)
        return min(max(Int(x), least), most)
    }
}
