/// Makes a log that breaks a promise as short and as plain as it can be.
struct Shrinker {
    /// Logs that are tried: a bound, so that a failure is told soon.
    private let triesMax: Int
    private let fails: (Log) -> Bool
    private var triesCount = 0

    /// - Parameter fails: Whether a log breaks the promise; the same answer for the same log.
    init(triesMax: Int = 20_000, _ fails: @escaping (Log) -> Bool) {
        self.triesMax = triesMax
        self.fails = fails
    }

    /// A log that fails, of which no step and no argument can be taken away.
    mutating func shrink(_ log: Log) -> Log {
        var smallest = log
        while true {
            let smaller = plainer(shorter(smallest))
            guard smaller != smallest, triesCount < triesMax else { return smaller }
            smallest = smaller
        }
    }

    private mutating func isStillFailing(_ log: Log) -> Bool {
        triesCount += 1
        return triesCount <= triesMax && fails(log)
    }

    /// Delta debugging: takes runs of steps away, long ones first.
    private mutating func shorter(_ log: Log) -> Log {
        var log = log
        var length = max(1, log.steps.count / 2)
        while true {
            var start = 0
            while start < log.steps.count {
                let less = log.without { (start..<start + length).contains($0) }
                if isStillFailing(less) { log = less } else { start += length }
            }
            guard length > 1 else { return log }
            length /= 2
        }
    }

    /// Takes arguments away, one after the other.
    private mutating func plainer(_ log: Log) -> Log {
        var log = log
        for place in log.steps.indices {
            var isPlain = false
            while !isPlain {
                isPlain = true
                for command in log.steps[place].command.plainer {
                    var simpler = log
                    simpler.steps[place].command = command
                    guard isStillFailing(simpler) else { continue }
                    log = simpler
                    isPlain = false
                    break
                }
            }
        }
        return log
    }
}

extension Command {
    /// The command with one argument less.
    var plainer: [Command] {
        switch self {
        case .user(let change): change.plainer.map(Command.user)
        case .act(let act): act.plainer.map(Command.act)
        case .say(let saying): saying.plainer.map(Command.say)
        case .rank(let request, let given, let top):
            (given == nil ? [] : [.rank(request, given: nil, top: top)])
                + (top < 9 ? [.rank(request, given: given, top: 9)] : [])
                + request.plainer.map { .rank($0, given: given, top: top) }
        case .explain(let request, let item):
            request.plainer.map { .explain($0, item: item) }
        case .whyNot(let request, let item):
            request.plainer.map { .whyNot($0, item: item) }
        case .item, .removeItem, .suppress, .unsuppress, .retract, .forget, .surface, .policy,
            .export:
            []
        }
    }
}

/// The value changed by each of the closures that changes it.
private func changed<Value: Equatable>(
    _ value: Value, _ changes: [(inout Value) -> Void]
) -> [Value] {
    changes.compactMap { change in
        var copy = value
        change(&copy)
        return copy == value ? nil : copy
    }
}

extension UserCommand {
    fileprivate var plainer: [UserCommand] {
        changed(self, [{ $0.region = nil }, { $0.notice = nil }, { $0.links = nil }])
    }
}

extension ActCommand {
    fileprivate var plainer: [ActCommand] { changed(self, [{ $0.event = nil }]) }
}

extension SayCommand {
    fileprivate var plainer: [SayCommand] {
        changed(
            self,
            [
                { $0.event = nil }, { $0.product = nil }, { $0.label = nil },
                { $0.isSpoken = false },
            ])
    }
}

extension RequestCommand {
    fileprivate var plainer: [RequestCommand] {
        changed(self, [{ $0.region = nil }, { $0.contexts = [] }])
    }
}
