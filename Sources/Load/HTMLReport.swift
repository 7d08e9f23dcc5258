import Foundation

/// A result as one page that opens anywhere: no script, no font, no picture from outside, light and
/// dark as the reader's system has it.
package struct HTMLReport {
    private let result: LoadResult
    /// The run; of a sweep the one at the knee.
    var run: RunSummary { result.run }

    package init(_ result: LoadResult) { self.result = result }

    package var text: String {
        var body = header
        body += tiles
        body += health
        body += verdict
        if let sweep = result.sweep { body += self.sweep(sweep) }
        body += section(
            "Latency over time", latencyOverTime,
            "By the second in which a request was due. A stall of the server spoils every second it "
                + "lasts.")
        body += section(
            "Percentiles", percentileCurve,
            "How long the slowest requests took, \(countedFrom).")
        body += section("Throughput over time", throughputOverTime, nil)
        body += section("By kind of request", kinds, nil)
        body += failures
        body += settings
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <meta name="color-scheme" content="light dark"/>
            <title>cairn load: \(HTML.escaped(result.target)), \(HTML.escaped(day))</title>
            <style>
            \(ReportStyle.css)
            </style>
            </head>
            <body>
            <main>
            \(body)</main>
            </body>
            </html>

            """
    }

    private var day: String { String(result.startedAt.prefix(10)) }

    private var countedFrom: String {
        run.targetRate == nil
            ? "from sending: in a closed loop a stall keeps requests from being asked, and hides"
            : "from the instant at which each was due"
    }

    // MARK: The top

    private var header: String {
        """
        <header><h1>cairn load</h1><p>\(HTML.escaped(TerminalReport.mode(result)))</p>
        <p class="small">\(HTML.escaped(result.startedAt)), cairn \(HTML.escaped(result.cairnVersion)), \
        \(HTML.escaped(result.machine))</p></header>

        """
    }

    private var tiles: String {
        var tiles: [(String, String, String)] = []
        if let sweep = result.sweep {
            let knee = sweep.kneeRate.map { LoadNumber.grouped($0.rounded()) + "/s" } ?? "none"
            tiles.append(
                ("Knee", knee, sweep.isGeneratorLimited ? "generator's limit" : "figures at it"))
        }
        tiles.append(
            (
                "Answered", LoadNumber.grouped(run.throughput.rounded()) + "/s",
                "\(LoadNumber.percent(run.goodputShare)) of what was due"
            ))
        for name in ["p50", "p99", "p99.9"] {
            let row = run.latency.rows.first { $0.name == name }
            tiles.append((name, LoadNumber.time(microseconds: row?.microseconds ?? 0), "latency"))
        }
        tiles.append(
            ("Worst", LoadNumber.time(microseconds: run.latency.max), "latency"))
        let lost = run.errorCount + run.unanswered + run.unsent
        tiles.append(
            (
                "Failed", LoadNumber.grouped(Double(lost)),
                "\(run.errorCount) errors, \(run.unanswered + run.unsent) unanswered"
            ))
        let cells = tiles.map { name, value, note in
            let isBad = name == "Failed" && lost > 0
            return "<div class=\"tile\(isBad ? " bad" : "")\">\(HTML.element("span", name))"
                + "\(HTML.element("strong", value))\(HTML.element("small", note))</div>"
        }
        return "<div class=\"tiles\">\n\(cells.joined(separator: "\n"))\n</div>\n"
    }

    private var health: String {
        let health = run.generator
        let line = TerminalReport.health(health)
        guard health.isLimited else {
            return
                "<p class=\"note good\"><b>The generator kept up.</b> \(HTML.escaped(line)).</p>\n"
        }
        let reasons = health.reasons.map { HTML.element("li", $0) }.joined()
        return """
            <div class="note warn"><b>The generator did not keep up: these figures are not the \
            server's alone.</b><ul>\(reasons)</ul>\(HTML.escaped(line)).</div>

            """
    }

    private var verdict: String {
        guard let verdict = result.verdict else { return "" }
        let rows = verdict.lines.map { line in
            [
                line.isPassed ? "pass" : "FAIL", line.name,
                TerminalReport.value(line.now, line.unit),
                TerminalReport.value(line.before, line.unit),
                TerminalReport.value(line.bound, line.unit),
            ]
        }
        let table = HTML.table(["", "what", "now", "before", "bound"], rows, numericFrom: 2)
        let word = verdict.isPassed ? "passed" : "failed"
        return """
            <section class="\(verdict.isPassed ? "good" : "bad")"><h2>Baseline: \(word)</h2>
            \(table)</section>

            """
    }

    private func section(_ title: String, _ content: String, _ note: String?) -> String {
        let small = note.map { HTML.element("p", class: "small", $0) } ?? ""
        return "<section>\(HTML.element("h2", title))\(small)\n\(content)</section>\n"
    }

    // MARK: Tables

    private var kinds: String {
        let rows = run.kinds.map { kind in
            [
                kind.name, LoadNumber.grouped(Double(kind.sent)),
                LoadNumber.grouped(Double(kind.errors)), LoadNumber.grouped(Double(kind.nulls)),
            ]
                + [
                    kind.latency.p50, kind.latency.p99, kind.latency.p999, kind.latency.p9999,
                    kind.latency.max,
                ].map { kind.latency.count == 0 ? "" : LoadNumber.time(microseconds: $0) }
                + [
                    LoadNumber.bytes(kind.requestBytesMean), LoadNumber.bytes(kind.replyBytesMean),
                ]
        }
        let all =
            ["all"]
            + [run.sent, run.errorCount, run.kinds.reduce(0) { $0 + $1.nulls }]
            .map { LoadNumber.grouped(Double($0)) }
            + [
                run.latency.p50, run.latency.p99, run.latency.p999, run.latency.p9999,
                run.latency.max,
            ].map { LoadNumber.time(microseconds: $0) } + ["", ""]
        return HTML.table(
            [
                "request", "sent", "errors", "null", "p50", "p99", "p99.9", "p99.99", "max",
                "request size", "reply size",
            ], run.kinds.count > 1 ? rows + [all] : rows)
    }

    private var failures: String {
        let errors = run.errors.map { error in
            [error.word, LoadNumber.grouped(Double(error.count)), error.example]
        }
        let ignored = run.ignored.sorted { $0.key < $1.key }.map { text, count in
            ["signal", LoadNumber.grouped(Double(count)), text]
        }
        var rows = errors + ignored
        if run.unanswered > 0 {
            rows.append(
                [
                    "unanswered", LoadNumber.grouped(Double(run.unanswered)),
                    "sent, no reply before the run was over",
                ])
        }
        if run.unsent > 0 {
            rows.append(
                [
                    "never sent", LoadNumber.grouped(Double(run.unsent)),
                    "due, but every connection was full until the run was over",
                ])
        }
        guard !rows.isEmpty else { return "" }
        return section(
            "What did not go well", HTML.table(["", "count", "first"], rows, numericFrom: 9),
            "Errors have no latency; what stayed unanswered counts with what it had waited.")
    }

    private var settings: String {
        let rows = result.settings.sorted { $0.key < $1.key }.map { [$0.key, $0.value] }
        return section("Settings", HTML.table(["setting", "value"], rows, numericFrom: 2), nil)
    }

    private func sweep(_ sweep: SweepSummary) -> String {
        let rows = sweep.steps.map { step in
            [
                LoadNumber.grouped(step.rate.rounded()) + "/s", step.isBorne ? "borne" : "failed",
                LoadNumber.grouped(step.run.throughput.rounded()) + "/s",
                LoadNumber.time(microseconds: step.run.latency.p50),
                LoadNumber.time(microseconds: step.run.latency.p99),
                LoadNumber.time(microseconds: step.run.latency.p999),
                step.run.generator.isLimited ? "at its limit" : "kept up",
                step.complaints.joined(separator: ", "),
            ]
        }
        let table = HTML.table(
            ["rate", "", "answered", "p50", "p99", "p99.9", "generator", "why"], rows,
            numericFrom: 9)
        return section(
            "Throughput against latency", throughputLatency(sweep) + table,
            "The knee is \(sweep.definition). Hollow points failed.")
    }
}
