import Domain
import Engine
import Policy

/// Runs logs on the real engine, in this process: as a server would, without sockets and texts.
///
/// It belongs to one thread, and is as new after each `reset()`: a property holds it to that.
final class Machine: LogPlayer {
    let world: World
    let engine: Engine
    private let ranker: Ranker
    private let initial: Setup
    private let policies: [PolicyTable]
    private let vector: SpaceVector
    private var records: [[UInt8]] = []
    var savesMidway = false

    /// The clock of the server: later than almost all that logs speak of. 2026-07-01T00:00:00Z
    static let now: Int64 = 1_782_864_000_000

    init(_ world: World, shards: Int = 2) throws(ProofError) {
        self.world = world
        do throws(EngineError) {
            var options = EngineOptions(policyDigest: Rule.all[0].name)
            options.tasteDimension = 0
            options.shardsCount = shards
            options.topics = world.topics
            options.surfaces = World.makeSurfaces()
            engine = try Engine(options)
            ranker = try engine.makeRanker()
        } catch {
            throw ProofError("no engine can be made: \(error.message)")
        }
        initial = engine.setup
        do throws(DomainError) {
            vector = try SpaceVector(space: .text, values: World.vectorValues)
        } catch {
            throw ProofError(error.message)
        }
        policies = try Rule.all.map { (rule) throws(ProofError) in try rule.table() }
    }

    /// Puts everything back: no users, no items, the surfaces and the policy of the beginning.
    func reset() {
        empty()
        engine.restore(initial)
        engine.reclaim()
        records = []
    }

    private func empty() {
        do throws(EngineError) {
            for user in World.users {
                _ = try carryOut(engine.prepare(forgetting: checked(user)))
            }
            let items: [ItemID] = World.items.map { checked($0.id) }
            _ = try carryOut(engine.prepare(removing: items, isStaged: false))
        } catch {
            preconditionFailure("an engine cannot be emptied: \(error.message)")
        }
    }

    /// What a new server answers to the log, step by step.
    func play(_ log: Log) -> [Observation] {
        reset()
        let middle = savesMidway ? log.steps.count / 2 : nil
        return log.steps.enumerated().map { place, step in
            if place == middle, let snapshot = snapshot() { restore(snapshot) }
            return take(step)
        }
    }

    var journal: [[UInt8]]? { records }

    var stateDigest: String? { engine.stateDigest() }

    /// What it answers to one step more.
    func take(_ step: Step) -> Observation {
        var seen = Observation()
        do throws(EngineError) {
            try take(step, &seen)
        } catch {
            if step.command.isSignal { seen.verdict = .refused }
            seen.write("error ")
            seen.write(error.message)
        }
        return seen
    }

    private func take(_ step: Step, _ seen: inout Observation) throws(EngineError) {
        switch step.command {
        case .item(let item): try add(item, &seen)
        case .removeItem(let id):
            let removal = try engine.prepare(removing: [checked(id)], isStaged: false)
            seen.write(try carryOut(removal).count)
        case .user(let change): try set(change, at: step.at)
        case .act(let act):
            var draft = SignalDraft(
                user: checked(act.user), type: act.type, about: .item(checked(act.item)))
            draft.event = act.event.map { checked($0) }
            try take(draft, at: step.at, reading: nil, &seen)
        case .say(let saying): try take(saying, at: step.at, &seen)
        case .suppress(let user, let topic):
            let name = world.topicName(topic)
            seen.write("\(try does(engine.prepare(suppressing: name, for: checked(user))))")
        case .unsuppress(let user, let topic):
            let name = world.topicName(topic)
            seen.write("\(try does(engine.prepare(unsuppressing: name, for: checked(user))))")
        case .retract(let user, let event):
            seen.write(
                "\(try does(engine.prepare(retracting: checked(event), of: checked(user))))")
        case .forget(let user):
            seen.write("\(try does(engine.prepare(forgetting: checked(user))))")
        case .surface(let name, let setting): try set(setting, of: name)
        case .policy(let number):
            _ = try carryOut(
                engine.prepare(setting: policies[number], digest: Rule.all[number].name))
        case .rank(let request, let given, let top):
            try rank(request, at: step.at, given: given, top: top, &seen)
        case .explain(let request, let item):
            try explain(item, request, at: step.at, &seen)
        case .whyNot(let request, let item): try whyNot(item, request, at: step.at, &seen)
        case .export(let user):
            guard let export = engine.export(checked(user), ranker: ranker) else {
                return seen.write("nothing")
            }
            seen.write(export)
        }
    }

    // MARK: Changes

    func replay(_ journal: [[UInt8]]) {
        do throws(EngineError) {
            for bytes in journal { _ = try apply(bytes) }
        } catch {
            preconditionFailure("an engine refuses its own journal: \(error.message)")
        }
    }

    func snapshot() -> [UInt8]? {
        var bytes: [UInt8] = []
        do {
            try engine.copyState(textModel: world.judge).read { piece in
                for index in piece.indices { bytes.append(piece[index]) }
            }
        } catch {
            preconditionFailure("a state cannot be copied: \(error)")
        }
        return bytes
    }

    /// The journal goes on: its records are those of before, too.
    func restore(_ snapshot: [UInt8]) {
        let before = records
        empty()
        records = before
        do throws(StateError) {
            let restoration = try engine.restoreState(textModel: world.judge)
            try restoration.add(snapshot.span)
            try restoration.finish()
        } catch {
            preconditionFailure("an engine refuses its own state: \(error)")
        }
    }

    /// Carries out what was decided, past the bytes that a journal keeps of it.
    private func carryOut<Outcome>(
        _ prepared: Prepared<Outcome>
    ) throws(EngineError) -> (outcome: Outcome, count: Int) {
        guard let change = prepared.change else { return (prepared.outcome, 0) }
        let bytes = change.bytes
        records.append(bytes)
        return (prepared.outcome, try apply(bytes))
    }

    private func does(_ prepared: Prepared<Bool>) throws(EngineError) -> Bool {
        try carryOut(prepared).outcome
    }

    private func apply(_ bytes: [UInt8]) throws(EngineError) -> Int {
        let change: Change
        do throws(ChangeBytesError) {
            change = try Change(bytes: bytes[...])
        } catch {
            preconditionFailure("a change cannot be read from its own bytes: \(error)")
        }
        return try engine.apply(change)
    }

    private func add(_ item: ItemCommand, _ seen: inout Observation) throws(EngineError) {
        var draft = ItemDraft(id: checked(item.id), kind: checked(world.kind(ofItem: item.id)))
        draft.bidMicros = item.bid
        draft.author = checked(world.author(ofItem: item.id))
        let text = item.text.map { world.texts[$0] }
        draft.text = text?.text
        _ = try carryOut(
            engine.prepare(
                adding: draft, textRow: text?.row, sensitive: text?.sensitive, isStaged: false))
        seen.write(text?.sensitive.map { "flagged \($0.word)" } ?? "OK")
    }

    private func set(_ change: UserCommand, at time: Int64) throws(EngineError) {
        var draft = UserChange(user: checked(change.user))
        draft.region = change.region.map { name in
            checked { () throws(DomainError) in try Region(name) }
        }
        draft.notice = change.notice.map(timestamp)
        draft.links = change.links.map { $0.map { checked($0) } }
        draft.at = timestamp(time)
        _ = try carryOut(engine.prepare(setting: draft, now: timestamp(Self.now)))
    }

    private func take(
        _ saying: SayCommand, at time: Int64, _ seen: inout Observation
    ) throws(EngineError) {
        let about: SignalDraft.About
        var reading: MessageReading?
        switch saying.about {
        case .message(let number):
            about = .text(world.messages[number].text)
            reading = world.messages[number].reading
        case .topic(let number): about = .topic(world.topicName(number))
        case .item(let id): about = .item(checked(id))
        case .vector: about = .vector(vector)
        }
        var draft = SignalDraft(user: checked(saying.user), type: saying.type, about: about)
        draft.modality = saying.isSpoken ? .voice : .text
        draft.product = saying.product.map { checked($0) }
        draft.label = saying.label.map { .sensitive($0) }
        draft.event = saying.event.map { checked($0) }
        try take(draft, at: time, reading: reading, &seen)
    }

    private func take(
        _ draft: SignalDraft, at time: Int64, reading: MessageReading?, _ seen: inout Observation
    ) throws(EngineError) {
        var draft = draft
        draft.at = timestamp(time)
        let decided = try engine.prepare(
            taking: draft, reading: reading, now: timestamp(Self.now))
        if let gate = try carryOut(decided).outcome {
            seen.verdict = .ignored(gate.rawValue)
            seen.write("IGNORED \(gate.rawValue)")
        } else {
            seen.verdict = .used
            seen.write("USED")
        }
    }

    private func set(_ setting: SurfaceSetting, of name: String) throws(EngineError) {
        let change: SurfaceChange.Setting =
            switch setting {
            case .product(let product): .product(checked(product))
            case .chatWeight(let weight): .weight(.chatText, Double(weight))
            case .chatsCount(let count): .signalCount(.chat, count)
            case .behaviourCount(let count): .signalCount(.behaviour, count)
            case .chatHalfLifeDays(let days): .halfLife(.chat, Int64(days) * Rule.day)
            case .chatsLinear(let isLinear): .shape(.chat, isLinear ? .linear : .positive)
            }
        let changes = checked { () throws(DomainError) in
            try SurfaceChange(name: try SurfaceName(name), settings: [change])
        }
        _ = try carryOut(engine.prepare(setting: changes))
    }

    // MARK: Requests

    private func rank(
        _ request: RequestCommand, at clock: Int64, given: [String]?, top: Int,
        _ seen: inout Observation
    ) throws(EngineError) {
        let setup = engine.setup
        var built = BuiltRequest(request, at: timestamp(clock), world: world, setup: setup)
        built.choose(given)
        var found = seen
        try engine.rank(
            built.request, on: surface(request.surface, of: setup), setup: setup,
            candidates: built.candidates, top: top, bytes: built.bytes.span,
            ranges: built.ranges.span, ranker: ranker
        ) { results in
            results.forEach { id, score in
                let ranked = Observation.Ranked(id: String(repairing: id), score: score)
                found.ranking.append(ranked)
                found.write(ranked.id)
                found.write(" ")
                found.write(score)
                found.write("\n")
            }
            found.write("of ")
            found.write(results.candidatesCount)
            found.write(", eligible ")
            found.write(results.eligibleCount)
            for position in results.unknown { found.write(", unknown \(position)") }
        }
        seen = found
        seen.write(", policy \(setup.policyDigest)")
    }

    private func explain(
        _ item: String, _ request: RequestCommand, at clock: Int64, _ seen: inout Observation
    ) throws(EngineError) {
        let setup = engine.setup
        let built = BuiltRequest(request, at: timestamp(clock), world: world, setup: setup)
        let report = try engine.explain(
            item.utf8.span, built.request, on: surface(request.surface, of: setup), setup: setup,
            bytes: built.bytes.span, ranker: ranker)
        seen.report = report
        seen.write(report)
        seen.write("\npolicy \(setup.policyDigest)")
    }

    private func whyNot(
        _ item: String, _ request: RequestCommand, at clock: Int64, _ seen: inout Observation
    ) throws(EngineError) {
        let setup = engine.setup
        let built = BuiltRequest(request, at: timestamp(clock), world: world, setup: setup)
        let report = try engine.standing(
            of: item.utf8.span, built.request, on: surface(request.surface, of: setup),
            setup: setup, bytes: built.bytes.span, ranker: ranker)
        seen.write("rank \(report.rank ?? 0) of \(report.candidates), last ")
        seen.write(report.lastShownScore ?? 0)
        seen.write(" shown \(report.showings) in \(report.region) \(report.language)")
        seen.write(" ")
        seen.write(report.score)
    }

    private func surface(_ name: String, of setup: Setup) -> ResolvedSurface {
        guard let surface = setup.surface(named: name.utf8.span) else {
            preconditionFailure("logs speak of the world's surfaces")
        }
        return surface
    }
}

/// Why a proof cannot begin.
package struct ProofError: Error {
    package let message: String
    package init(_ message: String) { self.message = message }
}

extension Rule {
    /// The rule as the table that the engine obeys.
    func table() throws(ProofError) -> PolicyTable {
        var regions: Set<Region> = []
        for name in excluded {
            regions.insert(checked { () throws(DomainError) in try Region(name) })
        }
        do throws(PolicyLoosening) {
            return try PolicyTable(
                effective: timestamp(effective), excludedRegions: regions,
                crossing: crossesLinks ? .linked : .never)
        } catch {
            throw ProofError("the rule '\(name)' is refused: \(error.reason)")
        }
    }
}

// MARK: Words of logs, which are well formed

func checked<Value>(_ make: () throws(DomainError) -> Value) -> Value {
    do throws(DomainError) {
        return try make()
    } catch {
        preconditionFailure("a log names something malformed: \(error.message)")
    }
}

func checked<Name: Identifier>(_ text: String) -> Name {
    checked { () throws(DomainError) in try Name(text) }
}

func checked<Name: Word>(_ text: String) -> Name {
    checked { () throws(DomainError) in try Name(text) }
}

func timestamp(_ milliseconds: Int64) -> Timestamp {
    checked { () throws(DomainError) in try Timestamp(milliseconds: milliseconds) }
}
