import Foundation

/// Whole numbers 1 to `count`, of which k comes with a probability in proportion to k^-alpha.
///
/// Rejection from the inverse of the integral (Hörmann and Derflinger 1996, "Rejection-inversion to
/// generate variates from monotone discrete distributions"): no table, and about one try a number
/// whatever `count` and `alpha` are. An alpha of 0 is the uniform distribution.
struct ZipfDistribution {
    private let count: Int
    private let alpha: Double
    private let integralFirst: Double
    private let integralLast: Double
    /// A number this little above the continuous draw is taken without a second look.
    private let squeeze: Double

    init(count: Int, alpha: Double) {
        self.count = count
        self.alpha = alpha
        integralFirst = Self.integral(1.5, alpha) - 1
        integralLast = Self.integral(Double(count) + 0.5, alpha)
        squeeze =
            2 - Self.inverse(Self.integral(2.5, alpha) - Self.density(2, alpha), alpha)
    }

    func draw(_ random: inout RandomSource) -> Int {
        guard alpha > 0 else { return random.below(count) + 1 }
        while true {
            let u = integralLast + random.unit() * (integralFirst - integralLast)
            let x = Self.inverse(u, alpha)
            let k = min(max((x + 0.5).rounded(.down), 1), Double(count))
            let isTaken =
                k - x <= squeeze
                || u >= Self.integral(k + 0.5, alpha) - Self.density(k, alpha)
            if isTaken { return Int(k) }
        }
    }

    private static func density(_ x: Double, _ alpha: Double) -> Double { exp(-alpha * log(x)) }

    /// The integral of the density from 1 to x, whole also where alpha is 1.
    private static func integral(_ x: Double, _ alpha: Double) -> Double {
        let logarithm = log(x)
        let t = (1 - alpha) * logarithm
        let factor = abs(t) > 1e-8 ? expm1(t) / t : 1 + t / 2 * (1 + t / 3 * (1 + t / 4))
        return factor * logarithm
    }

    private static func inverse(_ u: Double, _ alpha: Double) -> Double {
        let t = max(u * (1 - alpha), -1)
        let factor = abs(t) > 1e-8 ? log1p(t) / t : 1 - t * (0.5 - t * (1 / 3 - t / 4))
        return exp(factor * u)
    }
}
