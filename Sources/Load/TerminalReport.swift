/// A result in lines for a terminal.
package struct TerminalReport {
    private let result: LoadResult

    package init(_ result: LoadResult) { self.result = result }

    package var text: String {
        var lines = [""]
        let run = result.run
        lines.append(Self.mode(result))
        lines.append(row("requests", requests(run)))
        lines.append(row("latency", Self.percentiles(run.latency) + "   from the due instant"))
        lines.append(row("service", Self.percentiles(run.service) + "   from sending"))
        lines += kinds(run)
        lines += failures(run)
        lines += sweep
        lines += generator(run.generator)
        lines += verdict
        return lines.joined(separator: "\n") + "\n"
    }

    /// What was run, in one line.
    static func mode(_ result: LoadResult) -> String {
        let run = result.run
        let pace =
            if let rate = run.targetRate {
                "open loop (\(result.settings["arrivals"] ?? "")), \(LoadNumber.grouped(rate))/s"
            } else {
                "closed loop: latency leaves out what a stall kept from being asked"
            }
        let seconds = LoadNumber.digits(run.seconds)
        let warmup = LoadNumber.digits(result.warmupSeconds)
        return "\(result.target), \(pace), \(seconds) s after \(warmup) s of warm-up"
    }

    /// One step of a sweep, as it ends.
    package static func line(of step: SweepSummary.Step) -> String {
        let run = step.run
        let mark = step.isBorne ? "borne " : "failed"
        let why = step.complaints.isEmpty ? "" : "   " + step.complaints.joined(separator: ", ")
        let own = run.generator.isLimited ? "   the generator was at its limit" : ""
        return "\(mark) \(padded(LoadNumber.grouped(step.rate) + "/s", 12)) "
            + "answered \(padded(LoadNumber.grouped(run.throughput) + "/s", 12)) "
            + "p50 \(padded(LoadNumber.time(microseconds: run.latency.p50), 9)) "
            + "p99 \(LoadNumber.time(microseconds: run.latency.p99))\(why)\(own)"
    }

    private func requests(_ run: RunSummary) -> String {
        var parts = ["due \(LoadNumber.grouped(run.offeredRate))/s"]
        parts.append(
            "answered \(LoadNumber.grouped(run.throughput))/s "
                + "(\(LoadNumber.percent(run.goodputShare)))")
        parts.append("errors \(LoadNumber.grouped(Double(run.errorCount)))")
        if run.unanswered > 0 {
            parts.append("unanswered \(LoadNumber.grouped(Double(run.unanswered)))")
        }
        if run.unsent > 0 { parts.append("never sent \(LoadNumber.grouped(Double(run.unsent)))") }
        return parts.joined(separator: "   ")
    }

    private static func percentiles(_ latency: RunSummary.Latency) -> String {
        guard latency.count > 0 else { return "nothing was answered" }
        return latency.rows.filter { $0.name != "mean" && $0.name != "p95" }
            .map { "\($0.name) \(LoadNumber.time(microseconds: $0.microseconds))" }
            .joined(separator: "   ")
    }

    private func kinds(_ run: RunSummary) -> [String] {
        guard run.kinds.count > 1 else { return run.kinds.flatMap(nulls) }
        let width = min(run.kinds.map(\.name.count).max() ?? 0, 40)
        return run.kinds.flatMap { kind in
            let name = Self.padded(String(kind.name.prefix(40)), width)
            let latency =
                kind.latency.count == 0
                ? ""
                : "p50 \(Self.padded(LoadNumber.time(microseconds: kind.latency.p50), 9)) "
                    + "p99 \(Self.padded(LoadNumber.time(microseconds: kind.latency.p99), 9)) "
                    + "reply \(LoadNumber.bytes(kind.replyBytesMean))"
            return [
                "  \(name)  \(Self.padded(LoadNumber.grouped(Double(kind.sent)), 9)) \(latency)"
            ] + nulls(kind)
        }
    }

    /// A template that asks for keys that are not there measures nothing.
    private func nulls(_ kind: RunSummary.Kind) -> [String] {
        guard kind.nulls > 0 else { return [] }
        let share = Double(kind.nulls) / Double(max(kind.answered, 1))
        return ["  note: \(LoadNumber.percent(share)) of '\(kind.name)' answered null"]
    }

    private func failures(_ run: RunSummary) -> [String] {
        run.errors.map { error in
            row("error", "\(LoadNumber.grouped(Double(error.count))) x \(error.example)")
        }
            + run.ignored.sorted { $0.key < $1.key }.map { text, count in
                row("note", "\(LoadNumber.grouped(Double(count))) signals were \(text)")
            }
    }

    private var sweep: [String] {
        guard let sweep = result.sweep else { return [] }
        let knee = sweep.kneeRate.map { "\(LoadNumber.grouped($0))/s" } ?? "none found"
        var lines = [row("knee", "\(knee): \(sweep.definition)")]
        if sweep.isGeneratorLimited {
            lines.append(
                row("", "the generator was at its limit first: the server may bear more"))
        }
        return lines
    }

    private func generator(_ health: GeneratorHealth) -> [String] {
        guard health.isLimited else { return [row("generator", Self.health(health))] }
        return [row("GENERATOR", "did not keep up; the figures above are not the server's alone:")]
            + health.reasons.map { row("", $0) } + [row("", Self.health(health))]
    }

    /// How well the generator did, in one line.
    static func health(_ health: GeneratorHealth) -> String {
        var parts: [String] = []
        if health.lateness.count > 0 {
            parts.append(
                "sends late p50 \(LoadNumber.time(microseconds: health.lateness.p50)) "
                    + "p99 \(LoadNumber.time(microseconds: health.lateness.p99))")
        }
        if health.timerLag.count > 0 {
            parts.append("timers late p99 \(LoadNumber.time(microseconds: health.timerLag.p99))")
        }
        if let busy = health.busyShares.max() {
            parts.append("busiest loop computed \(LoadNumber.percent(busy))")
        }
        if let waited = health.waitedShares.max() {
            parts.append("waited for a core \(LoadNumber.percent(waited))")
        }
        return parts.isEmpty
            ? "the system tells nothing of its threads" : parts.joined(separator: ", ")
    }

    private var verdict: [String] {
        guard let verdict = result.verdict else { return [] }
        return verdict.lines.map { line in
            row(
                line.isPassed ? "pass" : "FAIL",
                "\(Self.padded(line.name, 10)) \(Self.value(line.now, line.unit)), "
                    + "before \(Self.value(line.before, line.unit)), "
                    + "bound \(Self.value(line.bound, line.unit))")
        } + [row("baseline", verdict.isPassed ? "passed" : "FAILED")]
    }

    static func value(_ value: Double, _ unit: String) -> String {
        switch unit {
        case "microseconds": LoadNumber.time(microseconds: value)
        case "share": LoadNumber.percent(value)
        default: "\(LoadNumber.grouped(value))/s"
        }
    }

    private func row(_ name: String, _ text: String) -> String {
        Self.padded(name, 10) + " " + text
    }

    static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}

extension LoadSession.Progress {
    /// The progress in one line of at most 100 characters or so.
    package var line: String {
        let rate = "\(LoadNumber.grouped(answeredPerSecond.rounded()))/s"
        switch phase {
        case .setup(let name):
            return "setup: \(name) \(rate), \(LoadNumber.digits(seconds)) s"
        case .warmup, .measuring, .draining:
            let name = phase == .warmup ? "warm-up" : phase == .draining ? "draining" : "measuring"
            var parts = ["\(name) \(Int(seconds))/\(Int(ofSeconds.rounded(.up))) s", rate]
            if let targetRate { parts[1] += " of \(LoadNumber.grouped(targetRate.rounded()))/s" }
            parts.append("p50 \(LoadNumber.time(microseconds: p50))")
            parts.append("p99 \(LoadNumber.time(microseconds: p99))")
            parts.append("max \(LoadNumber.time(microseconds: max))")
            parts.append("in flight \(inFlight)")
            if errors > 0 { parts.append("errors \(errors)") }
            return parts.joined(separator: "  ")
        }
    }
}
