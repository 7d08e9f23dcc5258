import Foundation
import Histogram

/// What a run has found, in the form that results are kept in. Times are microseconds.
package struct RunSummary: Codable, Equatable, Sendable {
    package struct Latency: Codable, Equatable, Sendable {
        package var count: UInt64
        package var mean: Double
        package var p50: Double
        package var p90: Double
        package var p95: Double
        package var p99: Double
        package var p999: Double
        package var p9999: Double
        package var max: Double
    }

    /// A point of the percentile curve.
    package struct Point: Codable, Equatable, Sendable {
        package var percentile: Double
        package var microseconds: Double
    }

    package struct Kind: Codable, Equatable, Sendable {
        package var name: String
        package var sent: Int
        package var answered: Int
        package var errors: Int
        package var nulls: Int
        package var requestBytesMean: Double
        package var replyBytesMean: Double
        package var latency: Latency
    }

    package struct Failure: Codable, Equatable, Sendable {
        package var word: String
        package var count: Int
        package var example: String
    }

    package struct Second: Codable, Equatable, Sendable {
        package var second: Int
        package var scheduled: Int
        package var answered: Int
        package var errors: Int
        package var p50: Double
        package var p99: Double
        package var max: Double
    }

    /// What was asked for, requests a second; nothing in the closed mode.
    package var targetRate: Double?
    package var seconds: Double
    package var scheduled: Int
    package var sent: Int
    package var answered: Int
    package var errorCount: Int
    package var unanswered: Int
    package var unsent: Int
    /// Requests a second that were due within the window.
    package var offeredRate: Double
    /// Replies a second without an error that came within the window.
    package var throughput: Double
    /// From the scheduled instant (closed: from sending), with what was left unanswered.
    package var latency: Latency
    /// From sending.
    package var service: Latency
    package var kinds: [Kind]
    package var errors: [Failure]
    package var ignored: [String: Int]
    package var generator: GeneratorHealth
    /// The curves of latency and of service.
    package var percentiles: [Point]
    package var servicePercentiles: [Point]
    package var series: [Second]

    /// The share of what was offered that was answered without an error.
    package var goodputShare: Double { offeredRate > 0 ? throughput / offeredRate : 0 }
}

extension RunSummary {
    /// - Parameter rate: `nil` in the closed mode.
    init(_ recorder: Recorder, labels: [String], rate: Double?, latenessMillisecondsMax: Double) {
        let seconds = Double(recorder.until - recorder.from) / 1e9
        var latency = LatencyHistogram()
        var service = LatencyHistogram()
        for kind in recorder.kinds {
            latency.add(kind.latency)
            service.add(kind.service)
        }
        targetRate = rate
        self.seconds = seconds
        scheduled = recorder.scheduled
        sent = recorder.kinds.reduce(0) { $0 + $1.sent }
        answered = recorder.kinds.reduce(0) { $0 + $1.answered }
        errorCount = recorder.errors.values.reduce(0) { $0 + $1.count }
        unanswered = recorder.unanswered
        unsent = recorder.unsent
        offeredRate = Double(recorder.scheduled) / seconds
        throughput = Double(recorder.answeredWithin) / seconds
        self.latency = Latency(latency)
        self.service = Latency(service)
        kinds = zip(labels, recorder.kinds).map(Kind.init)
        errors = recorder.errors.sorted { $0.key < $1.key }.map {
            Failure(word: $0.key, count: $0.value.count, example: $0.value.example)
        }
        ignored = recorder.ignored
        generator = GeneratorHealth(
            recorder, isOpen: rate != nil, latenessMillisecondsMax: latenessMillisecondsMax)
        percentiles = Self.curve(latency)
        servicePercentiles = Self.curve(service)
        series = recorder.seconds.enumerated().map(Second.init)
    }

    /// Closer together the nearer to 100, as percentiles of latency are read; the last point is the
    /// slowest request, at the percentile that one request of so many is.
    private static func curve(_ latency: LatencyHistogram) -> [Point] {
        guard latency.count > 0 else { return [] }
        var points: [Point] = []
        var rest = 1.0
        while rest * Double(latency.count) > 1 {
            let percentile = (1 - rest) * 100
            let value = latency.values.valueAtPercentile(percentile)
            points.append(Point(percentile: percentile, microseconds: Double(value) / 1_000))
            rest *= 0.7943282347242815  // ten points a power of ten
        }
        points.append(
            Point(
                percentile: (1 - 1 / Double(latency.count)) * 100,
                microseconds: Double(latency.values.maxRecorded) / 1_000))
        return points
    }
}

extension RunSummary.Latency {
    init(_ histogram: LatencyHistogram) {
        let values = histogram.values
        func at(_ percentile: Double) -> Double {
            values.totalCount == 0 ? 0 : Double(values.valueAtPercentile(percentile)) / 1_000
        }
        count = values.totalCount
        mean = values.totalCount == 0 ? 0 : values.mean / 1_000
        p50 = at(50)
        p90 = at(90)
        p95 = at(95)
        p99 = at(99)
        p999 = at(99.9)
        p9999 = at(99.99)
        max = at(100)
    }

    /// The percentiles that results name, with their values.
    package var rows: [(name: String, microseconds: Double)] {
        [
            ("p50", p50), ("p90", p90), ("p95", p95), ("p99", p99), ("p99.9", p999),
            ("p99.99", p9999), ("max", max), ("mean", mean),
        ]
    }
}

extension RunSummary.Kind {
    fileprivate init(_ name: String, _ kind: Recorder.Kind) {
        self.name = name
        sent = kind.sent
        answered = kind.answered
        errors = kind.errors
        nulls = kind.nulls
        requestBytesMean = Double(kind.requestBytes) / Double(Swift.max(kind.sent, 1))
        replyBytesMean = Double(kind.replyBytes) / Double(Swift.max(kind.answered, 1))
        latency = RunSummary.Latency(kind.latency)
    }
}

extension RunSummary.Second {
    fileprivate init(_ index: Int, _ second: Recorder.Second) {
        func at(_ percentile: Double) -> Double {
            let values = second.latency
            return values.totalCount == 0
                ? 0 : Double(values.valueAtPercentile(percentile)) / 1_000
        }
        self.second = index
        scheduled = second.scheduled
        answered = second.answered
        errors = second.errors
        p50 = at(50)
        p99 = at(99)
        max = at(100)
    }
}
