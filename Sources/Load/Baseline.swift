/// How much worse a result may be than the one before.
package struct Tolerances: Equatable, Sendable {
    /// Shares by name; what is not named is not judged.
    package private(set) var shares: [(name: Name, share: Double)]

    package enum Name: String, CaseIterable, Sendable {
        case throughput, p50, p90, p99, p999, errors, knee
    }

    package static let standard = Tolerances([
        (.throughput, 0.02), (.p50, 0.10), (.p90, 0.15), (.p99, 0.25), (.errors, 0), (.knee, 0.10),
    ])

    private init(_ shares: [(name: Name, share: Double)]) { self.shares = shares }

    /// `p50=10%,p99=0.25`: what is named takes the place of the standard tolerance; `p99=off`
    /// leaves one out.
    package init(_ text: String) throws(LoadError) {
        shares = Self.standard.shares
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "=", omittingEmptySubsequences: false)
            guard sides.count == 2, let name = Name(rawValue: String(sides[0])) else {
                let names = Name.allCases.map(\.rawValue).joined(separator: ", ")
                throw .setting(
                    "--tolerance", "'\(part)' is not NAME=SHARE with a name of \(names)")
            }
            shares.removeAll { $0.name == name }
            if sides[1] == "off" { continue }
            let isPercent = sides[1].hasSuffix("%")
            guard let number = Double(isPercent ? sides[1].dropLast() : sides[1]), number >= 0,
                number.isFinite
            else {
                throw .setting(
                    "--tolerance", "'\(sides[1])' is no share: '10%', '0.1' or 'off'")
            }
            shares.append((name, isPercent ? number / 100 : number))
        }
    }

    package static func == (left: Tolerances, right: Tolerances) -> Bool {
        left.shares.elementsEqual(right.shares) { $0.name == $1.name && $0.share == $1.share }
    }
}

/// What a comparison with a baseline has found.
package struct Verdict: Codable, Equatable, Sendable {
    package struct Line: Codable, Equatable, Sendable {
        package var name: String
        package var before: Double
        package var now: Double
        /// The worst value that passes.
        package var bound: Double
        package var isPassed: Bool
        /// `microseconds`, `rate` or `share`.
        package var unit: String
    }

    package var lines: [Line]
    package var isPassed: Bool { lines.allSatisfy(\.isPassed) }

    /// Differences of latency below this are noise on any machine, in microseconds.
    package static let noiseMicroseconds = 20.0

    /// - Throws: `incomparable` when the two were measured with other settings.
    package init(
        _ now: LoadResult, against before: LoadResult, _ tolerances: Tolerances
    ) throws(LoadError) {
        let differences = Self.differences(now, before)
        guard differences.isEmpty else { throw .incomparable(differences) }
        lines = []
        for (name, share) in tolerances.shares {
            switch name {
            case .throughput:
                // Above the knee and in a sweep the throughput is the server's; else the
                // schedule's.
                guard now.sweep == nil else { continue }
                atLeast(name, before.run.throughput, now.run.throughput, share, "rate")
            case .p50: latency(name, before.run.latency.p50, now.run.latency.p50, share, now)
            case .p90: latency(name, before.run.latency.p90, now.run.latency.p90, share, now)
            case .p99: latency(name, before.run.latency.p99, now.run.latency.p99, share, now)
            case .p999: latency(name, before.run.latency.p999, now.run.latency.p999, share, now)
            case .errors:
                let old = Self.errorShare(before)
                let new = Self.errorShare(now)
                add(name, old, new, bound: old + share, new <= old + share, "share")
            case .knee:
                guard now.sweep != nil, before.sweep != nil else { continue }
                atLeast(
                    name, before.sweep?.kneeRate ?? 0, now.sweep?.kneeRate ?? 0, share, "rate")
            }
        }
    }

    private mutating func atLeast(
        _ name: Tolerances.Name, _ before: Double, _ now: Double, _ share: Double, _ unit: String
    ) {
        let bound = before * (1 - share)
        add(name, before, now, bound: bound, now >= bound, unit)
    }

    /// Latencies of sweeps stand at different rates, so only the knee is compared.
    private mutating func latency(
        _ name: Tolerances.Name, _ before: Double, _ now: Double, _ share: Double,
        _ result: LoadResult
    ) {
        guard result.sweep == nil else { return }
        let bound = max(before * (1 + share), before + Self.noiseMicroseconds)
        add(name, before, now, bound: bound, now <= bound, "microseconds")
    }

    private mutating func add(
        _ name: Tolerances.Name, _ before: Double, _ now: Double, bound: Double, _ isPassed: Bool,
        _ unit: String
    ) {
        lines.append(
            Line(
                name: name.rawValue, before: before, now: now, bound: bound, isPassed: isPassed,
                unit: unit))
    }

    private static func errorShare(_ result: LoadResult) -> Double {
        let run = result.run
        return Double(run.errorCount + run.unanswered + run.unsent)
            / Double(max(run.scheduled, 1))
    }

    private static func differences(_ now: LoadResult, _ before: LoadResult) -> [String] {
        var found: [String] = []
        for name in Set(now.settings.keys).union(before.settings.keys).sorted() {
            let (new, old) = (now.settings[name], before.settings[name])
            if new != old {
                found.append("\(name) was \(old ?? "not set"), is \(new ?? "not set")")
            }
        }
        if now.sweep == nil, before.sweep == nil, now.run.targetRate != before.run.targetRate {
            func text(_ rate: Double?) -> String { rate.map(LoadNumber.plain) ?? "none" }
            found.append(
                "rate was \(text(before.run.targetRate)), is \(text(now.run.targetRate))")
        }
        if (now.sweep == nil) != (before.sweep == nil) {
            found.append(now.sweep == nil ? "it was a sweep" : "it was no sweep")
        }
        if let new = now.sweep?.definition, let old = before.sweep?.definition, new != old {
            found.append("the knee was \(old), is \(new)")
        }
        return found
    }
}
