import Foundation
import Testing

@testable import Load

/// Sweeps, baselines and files: what is made of a run's figures.
struct JudgementTests {
    // MARK: The knee

    @Test(arguments: [1_000.0, 7, 1_300, 64_000, 900_000])
    func `a sweep closes in on the rate that a server bears`(_ capacity: Double) {
        var search = SweepSearch(first: 1_000, precision: 0.05, rateMax: 1_000_000)
        var tried: [Double] = []
        while let rate = search.next {
            tried.append(rate)
            search.record(rate, isBorne: rate <= capacity)
        }
        let knee = search.borne ?? 0
        #expect(knee <= capacity && knee * 1.051 > capacity)
        #expect(tried.count < 25)
        #expect(Set(tried).count == tried.count)
    }

    @Test func `a sweep ends also when nothing fails or all does`() {
        var endless = SweepSearch(first: 1_000, precision: 0.05, rateMax: 50_000)
        while let rate = endless.next { endless.record(rate, isBorne: true) }
        #expect(endless.borne == 50_000 && endless.failed == nil)
        var hopeless = SweepSearch(first: 1_000, precision: 0.05, rateMax: 50_000)
        while let rate = hopeless.next { hopeless.record(rate, isBorne: false) }
        #expect(hopeless.borne == nil)
    }

    @Test func `a rate is borne by goodput and by p99`() throws {
        var plan = SweepPlan()
        plan.p99MillisecondsMax = 5
        #expect(plan.complaints(about: try result(microseconds: 4_000).run).isEmpty)
        #expect(plan.complaints(about: try result(microseconds: 6_000).run) == ["p99 6 ms"])
        #expect(
            plan.complaints(about: try result(microseconds: 4_000, errors: 2).run)
                == ["goodput 98 %"])
        #expect(plan.complaints(about: try result(microseconds: 0, errors: 100).run).count == 2)
    }

    @Test func `a sweep tries what fails twice, and never calls it borne`() async throws {
        // 60 requests of a run are answered, more are refused: in 0.2 s that is 300 a second, and
        // 375 where four of five will do. How late a slow machine answers can only make the knee
        // lower.
        let (summary, run) = try await TinyServer.with({ words, _ in
            (Int(words[1]) ?? 0) < 60 ? .bytes("+OK\r\n") : .bytes("-BUSY\r\n")
        }) { server in
            let plan = try LoadPlan.templates("GET {seq}", port: server.port) { plan in
                plan.pace = .open(.fixed)
                plan.seconds = 0.2
            }
            var sweep = SweepPlan()
            sweep.p99MillisecondsMax = 60_000
            sweep.goodputShareMin = 0.8
            sweep.precision = 0.25
            return try await LoadSession.with(plan) { [sweep] session in
                try await session.sweep(sweep, from: 100) { _ in }
            }
        }
        let knee = summary.kneeRate ?? 0
        #expect(knee < 380)
        #expect(run.targetRate == knee || knee == 0)
        for (rate, steps) in Dictionary(grouping: summary.steps, by: \.rate) where rate >= 380 {
            #expect(steps.count == 2)
            #expect(steps.allSatisfy { !$0.isBorne && $0.complaints[0].hasPrefix("goodput") })
        }
        #expect(summary.steps.contains { !$0.isBorne })
    }

    // MARK: Baselines

    @Test func `the same result passes`() throws {
        let before = try result(microseconds: 1_000)
        let verdict = try Verdict(before, against: before, .standard)
        #expect(verdict.isPassed)
        #expect(verdict.lines.map(\.name) == ["throughput", "p50", "p90", "p99", "errors"])
    }

    @Test func `what is worse than its tolerance fails, and nothing else`() throws {
        let before = try result(microseconds: 1_000)
        let slower = try Verdict(try result(microseconds: 1_120), against: before, .standard)
        #expect(!slower.isPassed)
        #expect(slower.lines.filter { !$0.isPassed }.map(\.name) == ["p50"])
        let better = try Verdict(try result(microseconds: 500), against: before, .standard)
        #expect(better.isPassed)
        let wrong = try Verdict(
            try result(microseconds: 1_000, errors: 1), against: before,
            Tolerances("throughput=5%"))
        #expect(wrong.lines.filter { !$0.isPassed }.map(\.name) == ["errors"])
        let fewer = try Verdict(
            try result(microseconds: 1_000, errors: 10), against: before,
            Tolerances("errors=1"))
        #expect(fewer.lines.filter { !$0.isPassed }.map(\.name) == ["throughput"])
    }

    @Test func `a few microseconds are noise`() throws {
        let before = try result(microseconds: 30)
        #expect(try Verdict(result(microseconds: 49), against: before, .standard).isPassed)
        #expect(try !Verdict(result(microseconds: 52), against: before, .standard).isPassed)
    }

    @Test func `results of other settings are not compared`() throws {
        let before = try result(microseconds: 1_000)
        let error = #expect(throws: LoadError.self) {
            try Verdict(
                result(microseconds: 1_000, rate: 200) { $0.connections = 3 }, against: before,
                .standard)
        }
        #expect(
            error
                == .incomparable(["connections was 16, is 3", "rate was 100, is 200"]))
    }

    @Test(arguments: [
        ("p50", "--tolerance: 'p50' is not NAME=SHARE with a name of throughput, p50, p90, "),
        ("p51=1", "--tolerance: 'p51=1' is not NAME=SHARE"),
        ("p50=x", "--tolerance: 'x' is no share: '10%', '0.1' or 'off'"),
        ("p50=-1%", "--tolerance: '-1%' is no share"),
    ])
    func `tolerances that make no sense are refused`(_ text: String, _ message: String) {
        let error = #expect(throws: LoadError.self) { try Tolerances(text) }
        #expect(error?.message.hasPrefix(message) == true)
    }

    @Test func `tolerances are shares, percents or off`() throws {
        let shares = try Tolerances("p50=20%,p99=0.5,p90=off,p999=100%").shares
        let named = Dictionary(uniqueKeysWithValues: shares.map { ($0.name, $0.share) })
        #expect(
            named == [.throughput: 0.02, .p50: 0.2, .p99: 0.5, .p999: 1, .errors: 0, .knee: 0.1])
    }

    // MARK: Files

    @Test func `a result reads back as it was written`() throws {
        var before = try result(microseconds: 1_234, errors: 3)
        before.verdict = try Verdict(before, against: before, .standard)
        let file = FileManager.default.temporaryDirectory
            .appendingPathComponent("cairn-load-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        try before.json.write(to: file, atomically: true, encoding: .utf8)
        #expect(try LoadResult.read(file.path) == before)
    }

    @Test(arguments: [
        ("nothing", "is no result of cairn load"), ("{}", "is no result of cairn load"),
        (#"{"format":"cairn load 9"}"#, "has the form 'cairn load 9', not 'cairn load 1'"),
        (#"{"format":"cairn load 1"}"#, "is a damaged result of cairn load"),
    ])
    func `a file that is no result says so`(_ text: String, _ reason: String) throws {
        let file = FileManager.default.temporaryDirectory
            .appendingPathComponent("cairn-load-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        try text.write(to: file, atomically: true, encoding: .utf8)
        #expect(throws: LoadError.file(file.path, reason: reason)) {
            try LoadResult.read(file.path)
        }
        let gone = file.path + "-gone"
        #expect(throws: LoadError.file(gone, reason: "cannot be read")) {
            try LoadResult.read(gone)
        }
    }

    @Test func `the series is a line a second, below what went wrong`() throws {
        let lines = try result(microseconds: 1_000, errors: 2).csv.split(separator: "\n")
        #expect(lines[0] == "# error: ERR 2")
        #expect(lines[1] == "second,scheduled,answered,errors,p50_us,p99_us,max_us")
        #expect(lines[2].hasPrefix("0,100,98,2,"))
        #expect(lines.count == 3)
    }
}

/// A second with 100 requests of one latency.
func result(
    microseconds: Double, errors: Int = 0, rate: Double = 100, label: String = "GET {user}",
    change: (inout LoadPlan) -> Void = { _ in }
) throws -> LoadResult {
    var plan = try LoadPlan()
    plan.work = .templates([try CommandTemplate(label)])
    change(&plan)
    var recorder = Recorder(kinds: 1, from: 0, until: 1_000_000_000)
    for index in 0..<100 {
        let scheduled = UInt64(index) * 1_000_000
        let request = PendingRequest(scheduled: scheduled, sent: scheduled, kind: 0)
        recorder.due(at: scheduled)
        recorder.sent(request, bytes: 30, late: 1_000)
        recorder.answered(
            request, index < errors ? .error(word: "ERR", message: "ERR <no>") : .value, bytes: 5,
            at: scheduled + UInt64(microseconds * 1_000))
    }
    let run = RunSummary(recorder, labels: plan.labels, rate: rate, latenessMillisecondsMax: 1)
    return LoadResult(
        plan, version: "0", startedAt: Date(timeIntervalSince1970: 1_700_000_000), run: run)
}
