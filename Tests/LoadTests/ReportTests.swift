import Foundation
import FoundationXML
import Testing

@testable import Load

struct ReportTests {
    @Test func `the page is well formed and needs nothing from outside`() throws {
        for page in try pages() {
            let parser = XMLParser(data: Data(page.utf8))
            let isWellFormed = parser.parse()
            #expect(
                isWellFormed, "line \(parser.lineNumber): \(String(describing: parser.parserError))"
            )
            for word in [
                "http:", "https:", "//", "src=", "href=", "url(", "@import", "<script", "<link",
                "<iframe", "<img",
            ] {
                #expect(!page.contains(word), "\(word)")
            }
            #expect(page.contains("prefers-color-scheme:dark"))
        }
    }

    @Test func `every plot is there, and numbers are numbers`() throws {
        let pages = try pages()
        for page in pages[..<3] {
            for label in ["latency over time", "latency by percentile", "requests over time"] {
                #expect(page.contains("aria-label=\"\(label)\""))
            }
            for word in ["\"nan", "\"inf", "\"-inf", "Mnan", "Lnan", "Minf", "Linf"] {
                #expect(!page.contains(word))
            }
        }
        #expect(pages[2].contains("aria-label=\"throughput against latency\""))
        #expect(pages[2].contains("class=\"dot c2 hollow\""))
        #expect(pages[2].contains("knee 100/s"))
    }

    @Test func `what went wrong stands on the page, and markup in it stays text`() throws {
        let page = HTMLReport(
            try result(microseconds: 1_000, errors: 2, label: "GET <b>{user}&\"x\"")
        ).text
        #expect(page.contains("ERR &lt;no&gt;"))
        #expect(page.contains("GET &lt;b&gt;{user}&amp;&quot;x&quot;"))
        #expect(!page.contains("<b>{user}"))
    }

    @Test func `a generator at its limit is told in every output`() throws {
        var limited = try result(microseconds: 1_000)
        #expect(HTMLReport(limited).text.contains("The generator kept up."))
        limited.run.generator.reasons = ["it was asleep"]
        #expect(HTMLReport(limited).text.contains("The generator did not keep up"))
        #expect(HTMLReport(limited).text.contains("<li>it was asleep</li>"))
        let text = TerminalReport(limited).text
        #expect(text.contains("GENERATOR  did not keep up"))
        #expect(text.contains("it was asleep"))
        #expect(limited.csv.hasPrefix("# generator: it was asleep\n"))
        #expect(limited.json.contains("it was asleep"))
    }

    @Test func `a run in which nothing was answered can be shown`() throws {
        let empty = try result(microseconds: 0, errors: 100)
        #expect(HTMLReport(empty).text.contains("Nothing to plot."))
        #expect(TerminalReport(empty).text.contains("nothing was answered"))
    }

    @Test func `a verdict is shown with its lines`() throws {
        let before = try result(microseconds: 1_000)
        var now = try result(microseconds: 2_000)
        now.verdict = try Verdict(now, against: before, .standard)
        #expect(HTMLReport(now).text.contains("Baseline: failed"))
        let text = TerminalReport(now).text
        #expect(text.contains("FAIL       p50        2 ms, before 1 ms, bound 1.1 ms"))
        #expect(text.contains("baseline   FAILED"))
    }

    @Test(arguments: [
        (0.0, "0"), (1.234, "1.23"), (12.34, "12.3"), (99.96, "100"), (123.4, "123"),
        (1_234.4, "1,234"), (1_234_567, "1,234,567"), (5, "5"), (-1_000, "-1,000"),
    ])
    func `numbers have the digits that count`(_ value: Double, _ text: String) {
        #expect(LoadNumber.grouped(value) == text)
    }

    @Test(arguments: [
        (0.5, "0.5 µs"), (87.25, "87.2 µs"), (1_250, "1.25 ms"), (999_999, "1000 ms"),
        (3_400_000, "3.4 s"),
    ])
    func `times have the unit that fits`(_ microseconds: Double, _ text: String) {
        #expect(LoadNumber.time(microseconds: microseconds) == text)
    }

    private func pages() throws -> [String] {
        var judged = try result(microseconds: 900, errors: 3)
        judged.verdict = try Verdict(judged, against: judged, .standard)
        judged.run.generator.reasons = ["a < b & c"]
        var swept = try result(microseconds: 700)
        swept.sweep = SweepSummary(
            definition: SweepPlan().definition, kneeRate: 100, isGeneratorLimited: true,
            steps: [
                .init(rate: 100, isBorne: true, complaints: [], run: swept.run),
                .init(rate: 200, isBorne: false, complaints: ["p99 1 s"], run: judged.run),
            ])
        return try [
            result(microseconds: 1_000), judged, swept, result(microseconds: 0, errors: 100),
        ]
        .map { HTMLReport($0).text }
        .filter { $0.contains("aria-label") }
    }
}
