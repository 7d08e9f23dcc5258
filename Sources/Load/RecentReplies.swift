import Histogram

/// The replies of about the last second, for the progress line.
struct RecentReplies: Sendable {
    private(set) var answered = 0
    private(set) var errors = 0
    var inFlight = 0
    private(set) var latency = Histogram<UInt32>(numberOfSignificantValueDigits: .two)

    mutating func add(_ outcome: ReplyScanner.Outcome, nanoseconds: UInt64) {
        if case .error = outcome {
            errors += 1
        } else {
            answered += 1
            latency.record(nanoseconds)
        }
    }

    mutating func add(_ other: RecentReplies) {
        answered += other.answered
        errors += other.errors
        inFlight += other.inFlight
        latency.add(other.latency)
    }
}
