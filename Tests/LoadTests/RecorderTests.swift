import Testing

@testable import Load

struct RecorderTests {
    private static let second: UInt64 = 1_000_000_000

    @Test func `percentiles are those of the sorted list, to three digits`() {
        var random = RandomSource(seed: 21)
        var histogram = LatencyHistogram()
        // Three clusters and a tail, as latencies are.
        let values = (0..<100_000).map { index -> UInt64 in
            let base = [80_000.0, 400_000, 3_000_000][index % 3]
            let tail = index % 500 == 0 ? 200.0 : 1
            return UInt64(base * tail * (0.5 + random.unit()))
        }
        for value in values { histogram.record(value) }
        let sorted = values.sorted()
        for percentile in [1, 10, 50, 90, 95, 99, 99.9, 99.99] {
            let rank = Int((percentile * Double(sorted.count) / 100 - 1e-6).rounded(.up))
            let expected = Double(sorted[rank - 1])
            let found = Double(histogram.values.valueAtPercentile(percentile))
            #expect(abs(found / expected - 1) < 0.001_1, "p\(percentile)")
        }
        #expect(histogram.values.maxRecorded == sorted.last)
        let latency = RunSummary.Latency(histogram)
        #expect(latency.count == 100_000)
        #expect(latency.max == Double(sorted[99_999]) / 1_000)
    }

    @Test func `an hour is the longest latency there is`() {
        var histogram = LatencyHistogram()
        histogram.record(.max)
        #expect(histogram.count == 1)
        #expect(histogram.values.maxRecorded == 3_600_000_000_000)
    }

    @Test func `latency counts from the scheduled instant, service from sending`() {
        var recorder = Recorder(kinds: 1, from: 0, until: 10 * Self.second)
        let request = PendingRequest(scheduled: 1_000_000, sent: 901_000_000, kind: 0)
        recorder.due(at: 1_000_000)
        recorder.sent(request, bytes: 30, late: 0)
        recorder.answered(request, .value, bytes: 5, at: 902_000_000)
        let run = summary(recorder)
        #expect(abs(run.latency.max / 901_000 - 1) < 0.001)
        #expect(abs(run.service.max / 1_000 - 1) < 0.001)
        #expect(run.kinds[0].requestBytesMean == 30)
        #expect(run.kinds[0].replyBytesMean == 5)
        #expect(run.series[0].answered == 1)
    }

    @Test func `what was due outside the window does not count, but its reply is throughput`() {
        var recorder = Recorder(kinds: 1, from: Self.second, until: 2 * Self.second)
        let instants: [(scheduled: UInt64, answered: UInt64)] = [
            (Self.second - 1, Self.second + 1), (Self.second, 2 * Self.second),
            (2 * Self.second - 1, 2 * Self.second - 1), (2 * Self.second, 2 * Self.second),
        ]
        for (scheduled, answered) in instants {
            let request = PendingRequest(scheduled: scheduled, sent: scheduled, kind: 0)
            recorder.due(at: scheduled)
            recorder.sent(request, bytes: 1, late: nil)
            recorder.answered(request, .value, bytes: 1, at: answered)
        }
        let run = summary(recorder)
        #expect(run.scheduled == 2)
        #expect(run.answered == 2)
        #expect(run.throughput == 2)
    }

    @Test func `what is never answered or never sent counts with what it has waited`() {
        var recorder = Recorder(kinds: 2, from: 0, until: 10 * Self.second)
        recorder.due(at: 0)
        recorder.due(at: Self.second)
        recorder.leftUnanswered(
            PendingRequest(scheduled: 0, sent: 5, kind: 1), at: 4 * Self.second)
        recorder.leftUnsent(scheduled: Self.second, at: 4 * Self.second)
        let run = summary(recorder, labels: ["a", "b"])
        #expect(run.unanswered == 1)
        #expect(run.unsent == 1)
        #expect(run.latency.count == 2)
        #expect(abs(run.latency.max / 4_000_000 - 1) < 0.001)
        #expect(abs(run.latency.p50 / 3_000_000 - 1) < 0.001)
        #expect(run.service.count == 0)
    }

    @Test func `records of loops add up`() {
        func record(_ word: String, _ nanoseconds: UInt64) -> Recorder {
            var recorder = Recorder(kinds: 1, from: 0, until: Self.second)
            for scheduled in [0, 1] as [UInt64] {
                recorder.due(at: scheduled)
                let request = PendingRequest(scheduled: scheduled, sent: scheduled, kind: 0)
                recorder.sent(request, bytes: 1, late: 10)
                recorder.answered(
                    request,
                    scheduled == 0 ? .value : .error(word: word, message: "\(word) text"),
                    bytes: 1, at: scheduled + nanoseconds)
            }
            return recorder
        }
        var whole = record("ERR", 1_000)
        whole.add(record("ERR", 2_000))
        whole.add(record("BUSY", 3_000))
        let run = summary(whole)
        #expect(run.scheduled == 6)
        #expect(run.answered == 3)
        #expect(run.errorCount == 3)
        #expect(
            run.errors == [
                .init(word: "BUSY", count: 1, example: "BUSY text"),
                .init(word: "ERR", count: 2, example: "ERR text"),
            ])
        #expect(run.latency.max == 3)
        #expect(run.series[0].scheduled == 6)
        #expect(run.series[0].errors == 3)
    }

    @Test func `a generator that does not keep up says how it knows`() {
        func health(
            late: UInt64, busy: UInt64 = 0, waited: UInt64 = 0, isOpen: Bool = true
        ) -> GeneratorHealth {
            var recorder = Recorder(kinds: 1, from: 0, until: Self.second)
            for _ in 0..<100 { recorder.lateness.record(late) }
            recorder.threads = [
                ThreadUse(ranNanoseconds: 1, waitedNanoseconds: 0, overNanoseconds: 1_000),
                ThreadUse(
                    ranNanoseconds: busy, waitedNanoseconds: waited, overNanoseconds: 1_000),
            ]
            return GeneratorHealth(recorder, isOpen: isOpen, latenessMillisecondsMax: 1)
        }
        #expect(!health(late: 900_000).isLimited)
        #expect(health(late: 1_500_000).reasons.count == 1)
        #expect(health(late: 1_500_000).reasons[0].contains("more than 1.5 ms after their time"))
        #expect(!health(late: 1_500_000, isOpen: false).isLimited)
        #expect(health(late: 0, busy: 970).reasons[0].contains("computed 97 % of the time"))
        #expect(health(late: 0, waited: 200).reasons[0].contains("waited for a core 20 %"))
        #expect(health(late: 2_000_000, busy: 970, waited: 200).reasons.count == 3)
    }

    private func summary(_ recorder: Recorder, labels: [String] = ["a"]) -> RunSummary {
        RunSummary(recorder, labels: labels, rate: 100, latenessMillisecondsMax: 1)
    }
}
