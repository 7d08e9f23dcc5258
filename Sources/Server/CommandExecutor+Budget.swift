import Domain
import Wire

/// Requests that have only so much time.
extension CommandExecutor {
    /// When the reply must be there, on the monotonic clock in nanoseconds; `nil` without a budget.
    func deadline(of command: RankCommand, arrived: Int64?) -> Int64? {
        guard let budget = command.budget else { return nil }
        return (arrived ?? WallClock.monotonicNanoseconds) + Int64(budget) * 1_000
    }

    /// Replies to a request whose time was over before it began: whoever asked has gone on without.
    func shed(_ command: RankCommand, writer: inout ReplyWriter) {
        shared.counters.requestsShed.increment()
        writer.error(
            "LATE the budget of \(command.budget ?? 0) microseconds was over before the request"
                + " could begin", code: .late)
    }
}
