import Domain

/// What a sweep looks for: the knee, the highest rate that the server bears.
///
/// A rate is borne when the goodput is at least `goodputShareMin` of what was offered and the
/// latency's 99th percentile, from the scheduled instant, at most `p99MillisecondsMax`. A rate that
/// is not borne is tried a second time before it is believed.
package struct SweepPlan: Equatable, Sendable {
    package var p99MillisecondsMax = 10.0
    package var goodputShareMin = 0.99
    /// The search ends when the lowest rate that failed is within this share of the highest borne.
    package var precision = 0.05

    package init() {}

    package func check() throws(LoadError) {
        guard p99MillisecondsMax > 0 else {
            throw .setting("--p99-max", "\(p99MillisecondsMax) is not above 0")
        }
        guard goodputShareMin > 0, goodputShareMin <= 1 else {
            throw .setting("--goodput-min", "\(goodputShareMin) is not above 0 and at most 1")
        }
        guard precision >= 0.01, precision <= 1 else {
            throw .setting("--precision", "\(precision) is not within 0.01 to 1")
        }
    }

    package var definition: String {
        "the highest rate at which replies without an error are at least "
            + LoadNumber.percent(goodputShareMin) + " of the requests and the p99 from the "
            + "scheduled instant is at most "
            + LoadNumber.time(microseconds: p99MillisecondsMax * 1_000)
    }

    /// Why a rate was not borne; empty when it was.
    package func complaints(about run: RunSummary) -> [String] {
        var complaints: [String] = []
        if run.goodputShare < goodputShareMin {
            complaints.append("goodput \(LoadNumber.percent(run.goodputShare))")
        }
        if run.latency.p99 > p99MillisecondsMax * 1_000 || run.latency.count == 0 {
            complaints.append("p99 \(LoadNumber.time(microseconds: run.latency.p99))")
        }
        return complaints
    }
}

/// The search for the knee: doubles until a rate fails, or halves until one is borne, then closes
/// in between the two. It knows nothing of how a rate is tried.
package struct SweepSearch: Sendable {
    /// Rates below this share of the first are not tried.
    private static let shareOfFirstMin = 1.0 / 1_024

    private let first: Double
    private let precision: Double
    private let rateMax: Double
    /// The highest rate borne and the lowest that failed.
    package private(set) var borne: Double?
    package private(set) var failed: Double?

    package init(first: Double, precision: Double, rateMax: Double) {
        self.first = first
        self.precision = precision
        self.rateMax = rateMax
    }

    /// The rate to try next; `nil` when the knee is known.
    package var next: Double? {
        switch (borne, failed) {
        case (nil, nil): return first
        case (let borne?, nil):
            return borne >= rateMax ? nil : min(borne * 2, rateMax)
        case (nil, let failed?):
            return failed / 2 < first * Self.shareOfFirstMin ? nil : failed / 2
        case (let borne?, let failed?):
            guard failed / borne > 1 + precision else { return nil }
            return (borne * failed).squareRoot()
        }
    }

    package mutating func record(_ rate: Double, isBorne: Bool) {
        if isBorne {
            borne = max(borne ?? rate, rate)
        } else {
            failed = min(failed ?? rate, rate)
        }
    }
}

/// What a sweep has found.
package struct SweepSummary: Codable, Equatable, Sendable {
    package struct Step: Codable, Equatable, Sendable {
        package var rate: Double
        package var isBorne: Bool
        package var complaints: [String]
        package var run: RunSummary
    }

    package var definition: String
    /// `nil` when no rate was borne.
    package var kneeRate: Double?
    /// The rate above the knee failed while the generator was at its own limit: the server may bear
    /// more.
    package var isGeneratorLimited: Bool
    package var steps: [Step]
}

extension LoadSession {
    /// Tries rates until the knee is known.
    ///
    /// - Parameter stepped: Called after each run.
    /// - Returns: The sweep, and the run at the knee (or at the lowest rate tried, when none was
    /// borne).
    package func sweep(
        _ sweep: SweepPlan, from rate: Double, stepped: @Sendable (SweepSummary.Step) -> Void
    ) async throws -> (SweepSummary, RunSummary) {
        var search = SweepSearch(
            first: rate, precision: sweep.precision, rateMax: Limits.loadRateMax)
        var steps: [SweepSummary.Step] = []
        while let rate = search.next, steps.count < Limits.loadStepsMax {
            var isBorne = false
            for _ in 0..<2 where !isBorne {
                let run = try await measure(rate: rate)
                let complaints = sweep.complaints(about: run)
                isBorne = complaints.isEmpty
                let step = SweepSummary.Step(
                    rate: rate, isBorne: isBorne, complaints: complaints, run: run)
                steps.append(step)
                stepped(step)
            }
            search.record(rate, isBorne: isBorne)
        }
        let knee = steps.last { $0.isBorne && $0.rate == search.borne }
        let above = steps.filter { $0.rate == search.failed }
        guard let shown = knee ?? steps.min(by: { $0.rate < $1.rate }) else {
            preconditionFailure("a sweep has at least one step")
        }
        let summary = SweepSummary(
            definition: sweep.definition, kneeRate: knee?.rate,
            isGeneratorLimited: above.isEmpty || above.contains { $0.run.generator.isLimited },
            steps: steps)
        return (summary, shown.run)
    }
}
