import Domain
import Engine
import Logging
import NIOConcurrencyHelpers
import Synchronization
import Wire

/// The commands that took long: counted, logged, and the newest kept for `SLOWLOG`.
///
/// It knows neither whom a command was for nor what it said: words of the command that name nobody,
/// and of a ranking the terms of its best item. So there is nothing in it to retract or forget.
final class SlowLog: Sendable {
    struct Entry: Sendable {
        let id: Int
        let at: Timestamp
        let microseconds: Int64
        let words: [String]
    }

    private struct State {
        /// Oldest first.
        var entries: [Entry] = []
        var nextID = 0
        /// The second that is counted in, how many came in it, and how many lines were written.
        var second: Int64 = 0
        var inSecond = 0
        var linesInSecond = 0
    }

    private let thresholdNanoseconds: Int64
    private let logger: Logger
    private let state = NIOLockedValueBox(State())
    /// Also those that were too many to be kept.
    let count = Atomic<Int>(0)

    /// - Parameter microseconds: From so many on a command is slow; none is when it is negative.
    init(from microseconds: Int, logger: Logger) {
        thresholdNanoseconds = microseconds < 0 ? .max : Int64(microseconds) * 1_000
        self.logger = logger
    }

    /// Counts a command that has taken so long; whether it is to be explained and kept.
    func admits(nanoseconds: Int64) -> Bool {
        guard nanoseconds >= thresholdNanoseconds else { return false }
        count.increment()
        let second = WallClock.monotonicNanoseconds / 1_000_000_000
        return state.withLockedValue { state in
            if state.second != second {
                (state.second, state.inSecond, state.linesInSecond) = (second, 0, 0)
            }
            state.inSecond += 1
            return state.inSecond <= Limits.slowLogPerSecondMax
        }
    }

    /// A command that has ended; rankings tell of themselves, since they can say why.
    func take(_ verb: CommandName, nanoseconds: Int64) {
        switch verb {
        case .rank, .recommend, .slowLog: return
        default: break
        }
        guard admits(nanoseconds: nanoseconds) else { return }
        guard keep([verb.rawValue], nanoseconds: nanoseconds) else { return }
        logger.notice(
            "slow command",
            metadata: ["verb": "\(verb.rawValue)", "microseconds": "\(nanoseconds / 1_000)"])
    }

    /// A ranking that was admitted.
    ///
    /// - Parameters:
    ///   - words: Of the command, without names of users and items.
    ///   - explanation: The terms of the best item with their signals, without names, as JSON.
    ///   - terms: The same for a line of the log, in short. Both are `nil` when nothing was ranked.
    func takeRanking(
        _ words: [String], explanation: String?, terms: String?, nanoseconds: Int64
    ) {
        let all = words + (explanation.map { ["EXPLAIN", $0] } ?? [])
        guard keep(all, nanoseconds: nanoseconds) else { return }
        var metadata: Logger.Metadata = [
            "command": "\(words.joined(separator: " "))", "microseconds": "\(nanoseconds / 1_000)",
        ]
        if let terms { metadata["best"] = "\(terms)" }
        logger.notice("slow ranking", metadata: metadata)
    }

    /// Newest first.
    func newest(_ count: Int) -> [Entry] {
        state.withLockedValue { Array($0.entries.suffix(count).reversed()) }
    }

    var length: Int { state.withLockedValue { $0.entries.count } }

    func reset() { state.withLockedValue { $0.entries.removeAll() } }

    /// Whether a line of the log may be written too.
    private func keep(_ words: [String], nanoseconds: Int64) -> Bool {
        let now = WallClock.now
        return state.withLockedValue { state in
            state.entries.append(
                Entry(
                    id: state.nextID, at: now, microseconds: nanoseconds / 1_000, words: words))
            state.nextID += 1
            if state.entries.count > Limits.slowLogEntriesMax { state.entries.removeFirst() }
            state.linesInSecond += 1
            return state.linesInSecond <= Limits.slowLogLinesPerSecondMax
        }
    }
}
