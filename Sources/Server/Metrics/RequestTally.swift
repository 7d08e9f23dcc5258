import Synchronization
import Telemetry
import Wire

/// What one thread has counted of its commands. It alone counts, so nothing is locked and no line of
/// memory goes back and forth; whoever asks for metrics reads and adds up.
final class RequestTally: Sendable {
    /// Commands that are told apart, with one place for those that are none.
    private static let verbsMax = 48
    private static let unknown = CommandName.allCases.count

    private typealias Outcomes = InlineArray<5, Atomic<UInt64>>

    private let outcomes = InlineArray<48, Outcomes> { _ in Outcomes { _ in Atomic(0) } }
    private let durations = InlineArray<48, DurationHistogram> { _ in DurationHistogram() }
    private let stages = InlineArray<7, DurationHistogram> { _ in DurationHistogram() }
    private let lags = DurationHistogram()

    init() {
        precondition(Self.unknown < Self.verbsMax)
        precondition(ReplyOutcome.allCases.count == 5 && Stage.allCases.count == 7)
    }

    /// - Parameter verb: `nil` when there is no such command.
    func count(_ verb: CommandName?, _ outcome: ReplyOutcome, nanoseconds: Int64) {
        let place = verb?.ordinal ?? Self.unknown
        let outcome = outcome.ordinal
        let count = outcomes[place][outcome].load(ordering: .relaxed)
        outcomes[place][outcome].store(count &+ 1, ordering: .relaxed)
        durations[place].add(nanoseconds)
    }

    /// How late the thread, an event loop, came to what was due.
    func addLag(nanoseconds: Int64) { lags.add(nanoseconds) }

    var lag: DurationSample {
        var sample = DurationSample()
        lags.read(into: &sample)
        return sample
    }

    func add(_ stage: Stage, nanoseconds: Int64) { stages[stage.rawValue].add(nanoseconds) }
}

extension RequestTally {
    /// Several tallies, read and added up.
    struct Sum {
        /// By name, in small letters.
        struct Verb {
            let name: String
            var outcomes = [UInt64](repeating: 0, count: ReplyOutcome.allCases.count)
            var durations = DurationSample()
        }

        /// Those that have come.
        private(set) var verbs: [Verb] = []
        private(set) var stages: [DurationSample] = []

        init(_ tallies: [RequestTally]) {
            let names = CommandName.allCases.map(\.lower) + ["unknown"]
            for (place, name) in names.enumerated() {
                var verb = Verb(name: name)
                for tally in tallies {
                    for outcome in verb.outcomes.indices {
                        verb.outcomes[outcome] +=
                            tally.outcomes[place][outcome].load(ordering: .relaxed)
                    }
                    tally.durations[place].read(into: &verb.durations)
                }
                if verb.outcomes.contains(where: { $0 > 0 }) { verbs.append(verb) }
            }
            for stage in Stage.allCases {
                var sample = DurationSample()
                for tally in tallies { tally.stages[stage.rawValue].read(into: &sample) }
                stages.append(sample)
            }
        }
    }
}

extension ReplyOutcome {
    fileprivate var ordinal: Int {
        switch self {
        case .ok: 0
        case .partial: 1
        case .error: 2
        case .refused: 3
        case .shed: 4
        }
    }
}
