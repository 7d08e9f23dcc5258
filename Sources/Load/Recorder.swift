import Histogram

/// Latencies in nanoseconds, to three digits, up to an hour; what is longer counts as an hour.
struct LatencyHistogram: Sendable {
    private static let nanosecondsMax: UInt64 = 3_600_000_000_000

    private(set) var values = Histogram<UInt64>(
        highestTrackableValue: Self.nanosecondsMax, numberOfSignificantValueDigits: .three)

    mutating func record(_ nanoseconds: UInt64) {
        values.record(min(nanoseconds, Self.nanosecondsMax))
    }

    mutating func add(_ other: LatencyHistogram) { values.add(other.values) }

    var count: UInt64 { values.totalCount }
}

/// What one event loop has seen of a run. Loops never share one; their records are added at the
/// end.
///
/// A request belongs to the second in which it was due, so a stall shows in the seconds that it
/// spoiled. Only requests that were due within the window count; throughput counts the replies that
/// came within it, whenever they were due.
struct Recorder: Sendable {
    struct Kind: Sendable {
        /// From the scheduled instant, replies without an error; and requests without a reply, with
        /// what they had waited at the end.
        var latency = LatencyHistogram()
        /// From the instant of sending.
        var service = LatencyHistogram()
        var sent = 0
        var answered = 0
        var errors = 0
        var nulls = 0
        var requestBytes = 0
        var replyBytes = 0
    }

    struct Second: Sendable {
        var scheduled = 0
        /// Replies, without errors, that came in this second.
        var answered = 0
        var errors = 0
        var latency = Histogram<UInt32>(numberOfSignificantValueDigits: .two)
    }

    struct Failure: Sendable {
        var count: Int
        /// The first message of this sort.
        let example: String
    }

    /// The window that counts, on the loop's clock.
    let from: UInt64
    let until: UInt64

    var kinds: [Kind]
    var seconds: [Second]
    /// By the first word of the server's error, or by what happened to the connection.
    var errors: [String: Failure] = [:]
    var ignored: [String: Int] = [:]
    var scheduled = 0
    /// Replies without an error within the window.
    var answeredWithin = 0
    /// Sent, and without a reply when the run ended.
    var unanswered = 0
    /// Due, and not even sent when the run ended, because every connection was full.
    var unsent = 0
    /// Sends behind their schedule although a connection had room: the generator's own lateness.
    var lateness = LatencyHistogram()
    /// Timers of the event loop behind the instant that they were asked for.
    var lag = LatencyHistogram()
    var threads: [ThreadUse] = []

    init(kinds: Int, from: UInt64, until: UInt64) {
        self.from = from
        self.until = until
        self.kinds = Array(repeating: Kind(), count: kinds)
        let seconds = until == .max ? 0 : (until - from + 999_999_999) / 1_000_000_000
        self.seconds = Array(repeating: Second(), count: Int(seconds))
    }

    private func counts(_ instant: UInt64) -> Bool { from <= instant && instant < until }

    private func second(of instant: UInt64) -> Int { Int((instant - from) / 1_000_000_000) }

    // MARK: Requests

    mutating func due(at scheduled: UInt64) {
        guard counts(scheduled) else { return }
        self.scheduled += 1
        if !seconds.isEmpty { seconds[second(of: scheduled)].scheduled += 1 }
    }

    mutating func sent(_ request: PendingRequest, bytes: Int, late: UInt64?) {
        guard counts(request.scheduled) else { return }
        kinds[request.kind].sent += 1
        kinds[request.kind].requestBytes += bytes
        if let late { lateness.record(late) }
    }

    mutating func answered(
        _ request: PendingRequest, _ outcome: ReplyScanner.Outcome, bytes: Int, at now: UInt64
    ) {
        if case .error(let word, let message) = outcome {
            return failed(request, word, message)
        }
        if counts(now) {
            answeredWithin += 1
            if !seconds.isEmpty { seconds[second(of: now)].answered += 1 }
        }
        guard counts(request.scheduled) else { return }
        kinds[request.kind].answered += 1
        kinds[request.kind].replyBytes += bytes
        switch outcome {
        case .null: kinds[request.kind].nulls += 1
        case .ignored(let text): ignored[text, default: 0] += 1
        case .value, .error: break
        }
        kinds[request.kind].service.record(now - request.sent)
        record(now - request.scheduled, request)
    }

    /// The server answered with an error, or the connection died; such a request has no latency.
    mutating func failed(_ request: PendingRequest, _ word: String, _ message: String) {
        guard counts(request.scheduled) else { return }
        kinds[request.kind].errors += 1
        if !seconds.isEmpty { seconds[second(of: request.scheduled)].errors += 1 }
        note(word, message)
    }

    /// Something that is no request's own: a connection that could not be made again.
    mutating func note(_ word: String, _ message: String) {
        errors[word, default: Failure(count: 0, example: message)].count += 1
    }

    // MARK: The end

    mutating func leftUnanswered(_ request: PendingRequest, at now: UInt64) {
        guard counts(request.scheduled) else { return }
        unanswered += 1
        record(now - request.scheduled, request)
    }

    /// - Parameter kind: Nobody knows what it would have been; it counts among the first.
    mutating func leftUnsent(scheduled: UInt64, at now: UInt64) {
        guard counts(scheduled), now > scheduled else { return }
        unsent += 1
        record(now - scheduled, PendingRequest(scheduled: scheduled, sent: now, kind: 0))
    }

    private mutating func record(_ nanoseconds: UInt64, _ request: PendingRequest) {
        kinds[request.kind].latency.record(nanoseconds)
        if !seconds.isEmpty {
            seconds[second(of: request.scheduled)].latency.record(nanoseconds)
        }
    }

    /// Adds what another loop has seen of the same run.
    mutating func add(_ other: Recorder) {
        for index in kinds.indices {
            kinds[index].add(other.kinds[index])
        }
        for index in seconds.indices {
            seconds[index].scheduled += other.seconds[index].scheduled
            seconds[index].answered += other.seconds[index].answered
            seconds[index].errors += other.seconds[index].errors
            seconds[index].latency.add(other.seconds[index].latency)
        }
        for (word, failure) in other.errors {
            errors[word, default: Failure(count: 0, example: failure.example)].count +=
                failure.count
        }
        ignored.merge(other.ignored, uniquingKeysWith: +)
        scheduled += other.scheduled
        answeredWithin += other.answeredWithin
        unanswered += other.unanswered
        unsent += other.unsent
        lateness.add(other.lateness)
        lag.add(other.lag)
        threads += other.threads
    }
}

extension Recorder.Kind {
    fileprivate mutating func add(_ other: Self) {
        latency.add(other.latency)
        service.add(other.service)
        sent += other.sent
        answered += other.answered
        errors += other.errors
        nulls += other.nulls
        requestBytes += other.requestBytes
        replyBytes += other.replyBytes
    }
}

/// A request on its way; instants are on the loop's clock, in nanoseconds.
struct PendingRequest: Sendable {
    let scheduled: UInt64
    let sent: UInt64
    let kind: Int
}
