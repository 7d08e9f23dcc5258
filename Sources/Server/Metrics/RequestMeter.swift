import Domain
import Wire

/// Times the commands that one thread carries out.
///
/// What it costs: one reading of the clock for each command, where the command ends and the next
/// begins, and one for each read of a socket; the clock is some twenty to fifty nanoseconds, counting
/// a few. Six more readings for the stages of a ranking would be felt where a command takes a
/// microsecond, so an event loop takes them of one command in `Limits.tracedCommandsEvery`; a
/// worker, whose commands take long, of every one.
final class RequestMeter {
    let tally = RequestTally()
    private let tracesEvery: Int
    private var untilTraced: Int
    private var isTraced = true
    private var untilWriteTraced = 1
    private var startedAt: Int64 = 0
    private var lappedAt: Int64 = 0
    /// When the command in hand was over, if that is known already.
    private var markedAt: Int64?

    /// - Parameter tracesEvery: Of so many commands one has its stages timed, the first among them.
    init(tracesEvery: Int) {
        self.tracesEvery = tracesEvery
        untilTraced = tracesEvery
    }

    /// The next command begins now.
    func begin() {
        startedAt = WallClock.monotonicNanoseconds
        lappedAt = startedAt
        markedAt = nil
    }

    /// A command that came at an instant of the monotonic clock, in nanoseconds, and has waited.
    func begin(cameAt: Int64) {
        begin()
        tally.add(.wait, nanoseconds: lappedAt - cameAt)
        startedAt = cameAt
    }

    /// The stage of the command in hand is over.
    func lap(_ stage: Stage) {
        guard isTraced else { return }
        let now = WallClock.monotonicNanoseconds
        tally.add(stage, nanoseconds: now - lappedAt)
        lappedAt = now
    }

    /// The last stage of the command in hand is over, and nothing of weight comes before its end.
    ///
    /// - Returns: The nanoseconds it has taken.
    func lapLast(_ stage: Stage) -> Int64 {
        let now = WallClock.monotonicNanoseconds
        if isTraced { tally.add(stage, nanoseconds: now - lappedAt) }
        markedAt = now
        return now - startedAt
    }

    /// The command in hand is answered; the next begins.
    ///
    /// - Returns: The nanoseconds it has taken.
    @discardableResult
    func end(_ verb: CommandName?, _ outcome: ReplyOutcome) -> Int64 {
        let now = markedAt ?? WallClock.monotonicNanoseconds
        let duration = now - startedAt
        tally.count(verb, outcome, nanoseconds: duration)
        startedAt = now
        lappedAt = now
        markedAt = nil
        chooseNext()
        return duration
    }

    /// The command in hand is not over, but goes on elsewhere.
    ///
    /// - Returns: When it came, for `end(_:_:cameAt:)`.
    func handOver() -> Int64 {
        chooseNext()
        markedAt = nil
        return startedAt
    }

    /// A command that was handed over is answered now.
    func end(_ verb: CommandName?, _ outcome: ReplyOutcome, cameAt: Int64) -> Int64 {
        let duration = WallClock.monotonicNanoseconds - cameAt
        tally.count(verb, outcome, nanoseconds: duration)
        return duration
    }

    /// When the write that begins now began, if it is one of those that are timed.
    func beginWrite() -> Int64? {
        untilWriteTraced -= 1
        guard untilWriteTraced == 0 else { return nil }
        untilWriteTraced = tracesEvery
        return WallClock.monotonicNanoseconds
    }

    func endWrite(_ beganAt: Int64?) {
        guard let beganAt else { return }
        tally.add(.write, nanoseconds: WallClock.monotonicNanoseconds - beganAt)
    }

    private func chooseNext() {
        untilTraced -= 1
        isTraced = untilTraced <= 0
        if isTraced { untilTraced = tracesEvery }
    }
}
