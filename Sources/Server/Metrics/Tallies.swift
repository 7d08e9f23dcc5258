import NIOConcurrencyHelpers

/// The tallies of all threads that carry commands out.
final class Tallies: Sendable {
    private struct State {
        var loops: [RequestTally] = []
        var workers: [RequestTally] = []
    }

    private let state = NIOLockedValueBox(State())

    func add(_ tally: RequestTally, isLoop: Bool) {
        state.withLockedValue { state in
            if isLoop { state.loops.append(tally) } else { state.workers.append(tally) }
        }
    }

    var loops: [RequestTally] { state.withLockedValue { $0.loops } }
    var all: [RequestTally] { state.withLockedValue { $0.loops + $0.workers } }
}
