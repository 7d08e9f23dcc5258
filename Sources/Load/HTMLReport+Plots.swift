import Foundation

/// The plots of the report.
extension HTMLReport {
    var latencyOverTime: String {
        let series = run.series.filter { $0.max > 0 }
        func line(
            _ name: String, _ style: Int, _ value: (RunSummary.Second) -> Double
        ) -> Plot.Line {
            Plot.Line(
                name: name, style: style, points: series.map { (Double($0.second), value($0)) })
        }
        return Plot(
            label: "latency over time", xTitle: "seconds", yTitle: "latency",
            yScale: .logarithmic, yText: LoadNumber.time(microseconds:),
            xText: { LoadNumber.grouped($0) },
            lines: [line("p50", 1, \.p50), line("p99", 2, \.p99), line("max", 3, \.max)]
        ).svg
    }

    var percentileCurve: String {
        func line(_ name: String, _ style: Int, _ points: [RunSummary.Point]) -> Plot.Line {
            Plot.Line(
                name: name, style: style, points: points.map { ($0.percentile, $0.microseconds) },
                isArea: style == 1)
        }
        var lines = [line("latency", 1, run.percentiles)]
        // In a closed loop the two are one.
        if run.targetRate != nil {
            lines.insert(line("from sending", 4, run.servicePercentiles), at: 0)
        }
        return Plot(
            label: "latency by percentile", xTitle: "percentile", yTitle: "latency",
            xScale: .percentile, yScale: .logarithmic, yText: LoadNumber.time(microseconds:),
            xText: { "\(LoadNumber.plain($0)) %" }, lines: lines
        ).svg
    }

    var throughputOverTime: String {
        let series = run.series
        func line(
            _ name: String, _ style: Int, _ value: (RunSummary.Second) -> Int
        ) -> Plot.Line {
            Plot.Line(
                name: name, style: style,
                points: series.map { (Double($0.second), Double(value($0))) })
        }
        var lines = [line("due", 4, \.scheduled), line("answered", 1, \.answered)]
        if series.contains(where: { $0.errors > 0 }) { lines.append(line("errors", 3, \.errors)) }
        return Plot(
            label: "requests over time", xTitle: "seconds", yTitle: "requests a second",
            yText: { LoadNumber.grouped($0) }, xText: { LoadNumber.grouped($0) }, lines: lines
        ).svg
    }

    func throughputLatency(_ sweep: SweepSummary) -> String {
        let steps = sweep.steps.filter { $0.run.latency.count > 0 }
            .sorted { $0.run.throughput < $1.run.throughput }
        func line(
            _ name: String, _ style: Int, _ value: (RunSummary.Latency) -> Double
        ) -> Plot.Line {
            Plot.Line(
                name: name, style: style,
                points: steps.map { ($0.run.throughput, value($0.run.latency)) }, hasDots: true,
                isHollow: { !steps[$0].isBorne })
        }
        let marks = sweep.kneeRate.map { rate in
            [Plot.Mark(x: rate, text: "knee \(LoadNumber.grouped(rate.rounded()))/s")]
        }
        return Plot(
            label: "throughput against latency", xTitle: "answered requests a second",
            yTitle: "latency", yScale: .logarithmic, yText: LoadNumber.time(microseconds:),
            xText: { LoadNumber.grouped($0.rounded()) },
            lines: [line("p50", 1, \.p50), line("p99", 2, \.p99), line("p99.9", 3, \.p999)],
            marks: marks ?? []
        ).svg
    }
}
