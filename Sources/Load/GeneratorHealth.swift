import Foundation

/// Whether the generator itself kept the schedule, and how it knows. When it did not, the figures
/// say more about it than about the server.
package struct GeneratorHealth: Codable, Equatable, Sendable {
    /// How far sends were behind their schedule although a connection had room, microseconds.
    package var lateness: RunSummary.Latency
    /// How far timers of the event loops were behind, microseconds.
    package var timerLag: RunSummary.Latency
    /// Of each event loop's thread: the share of the time in which it computed, and in which it was
    /// ready and waited for a core. Empty where the system does not tell.
    package var busyShares: [Double]
    package var waitedShares: [Double]
    /// Why the generator is to be distrusted; empty is well.
    package var reasons: [String]

    package var isLimited: Bool { !reasons.isEmpty }

    /// A thread that computes for longer than this share of the time has nothing left to give.
    private static let busyShareMax = 0.95
    /// A thread that waits for a core for longer than this share shares the machine with too much.
    private static let waitedShareMax = 0.10
}

extension GeneratorHealth {
    init(_ recorder: Recorder, isOpen: Bool, latenessMillisecondsMax: Double) {
        lateness = RunSummary.Latency(recorder.lateness)
        timerLag = RunSummary.Latency(recorder.lag)
        busyShares = recorder.threads.map(\.busyShare)
        waitedShares = recorder.threads.map(\.waitedShare)
        reasons = []
        if isOpen, lateness.p99 > latenessMillisecondsMax * 1_000 {
            reasons.append(
                "1 % of the sends came more than "
                    + LoadNumber.time(microseconds: lateness.p99)
                    + " after their time although a connection had room (bound "
                    + LoadNumber.time(microseconds: latenessMillisecondsMax * 1_000) + ")")
        }
        if let busiest = busyShares.max(), busiest > Self.busyShareMax {
            reasons.append(
                "an event loop of the generator computed "
                    + LoadNumber.percent(busiest) + " of the time: give it more --threads, or "
                    + "another machine")
        }
        if isOpen, let longest = waitedShares.max(), longest > Self.waitedShareMax {
            reasons.append(
                "an event loop of the generator was ready and waited for a core "
                    + LoadNumber.percent(longest)
                    + " of the time: other processes, perhaps the server, use the same cores")
        }
    }
}
