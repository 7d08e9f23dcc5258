import Domain

/// What is kept out leaves no trace.
extension Property {
    static let verdicts = Property(
        "verdicts",
        "Each signal is used, or kept out by the first gate that applies, as the announced rule says.",
        mix: { Mix.everything.bursting(.chats) }
    ) { log, bench in
        let seen = bench.left.play(log)
        var oracle = bench.makeOracle()
        for (place, step) in log.steps.enumerated() {
            guard let expected = oracle.take(step, place: place) else { continue }
            bench.note(seen[place].reply)
            guard seen[place].verdict != expected else { continue }
            return Breach(
                account: """
                    the announced rule says \(expected.words)

                    to      \(step.line(in: bench.world))
                    it says \(seen[place].text)
                    """)
        }
        return nil
    }

    static let ads = Property(
        "ads", "A signal that is kept out changes no byte of any reply to an advertiser.",
        mix: { Mix.everything.bursting(.chats) }, check: { leavesNoTrace($0, $1) })

    static let order = Property(
        "order", "Nor does it tell which products were met first.", rarity: 2,
        mix: {
            var mix = Mix(parts: [(.chat, 16), (.user, 6), (.request, 2)])
            mix.instants = [2, 3].map { Rule.effectiveInstant + $0 * Rule.day }
            mix.products = ["lens", "maps"]
            mix.users = [World.users[0]]
            mix.arrive = { change in
                change = UserCommand(user: change.user, region: "US", notice: 0)
            }
            mix.change = { change, random in
                change = UserCommand(user: change.user)
                change.links = random.pick([
                    ["app", "lens", "maps"], ["maps", "lens", "web", "app"],
                ])
            }
            return mix
        }, check: { leavesNoTrace($0, $1) })

    private static func leavesNoTrace(_ log: Log, _ bench: Bench) -> Breach? {
        let isBlocked = Oracle.blocked(in: log, bench)
        return bench.compare(
            log, without: { isBlocked[$0] }, "a signal that is kept out tells in a reply"
        ) { log.steps[$0].command.request.map { World.isAds($0.surface) } ?? true }
    }

    static let content = Property(
        "content", "Nor does it change a reply on the content lane.", rarity: 2,
        mix: { Mix.everything.bursting(.chats) }
    ) { log, bench in
        let isBlocked = Oracle.blocked(in: log, bench)
        return bench.compare(
            log, without: { isBlocked[$0] }, "a signal that is kept out tells in a reply"
        ) { log.steps[$0].command.request.map { !World.isAds($0.surface) } ?? false }
    }

    static let state = Property(
        "state",
        "What is held, and every record of the journal, is to the byte what it is without such signals.",
        mix: { Mix.everything.bursting(.chats) }
    ) { log, bench in
        let isBlocked = Oracle.blocked(in: log, bench)
        let breach = bench.compare(
            log, without: { isBlocked[$0] }, "a signal that is kept out is held", holdings: .all
        ) {
            if case .export = log.steps[$0].command { true } else { false }
        }
        guard breach == nil, let one = bench.left.journal, let other = bench.right.journal else {
            return breach
        }
        for record in one { bench.note(record) }
        return one == other ? nil : Breach(account: "a signal that is kept out is in the journal")
    }

    static let closed = Property(
        "closed",
        "What cannot be told is kept out: another language, a message that nobody judged, someone "
            + "who was not told or of whom no region is known.",
        mix: { Mix.everything }
    ) { log, bench in
        let unknown = Unknown(log)
        let isUnknowable = log.steps.map { unknown.hides($0.command, in: bench.world) }
        let seen = bench.left.play(log)
        for (place, step) in log.steps.enumerated() where isUnknowable[place] {
            bench.note(seen[place].reply)
            guard seen[place].verdict == .used else { continue }
            return Breach(
                account: "nobody can tell what this is, and it is used\n\n"
                    + "to      \(step.line(in: bench.world))")
        }
        // Of what is kept out, an error says so too, so that nothing is left out that tells.
        return bench.compare(
            log, without: { isUnknowable[$0] }, "what cannot be told tells in a reply",
            holdings: .all
        ) { log.steps[$0].command.request != nil }
    }

    static let modality = Property(
        "modality",
        "By voice or by text makes no difference, neither to replies nor to what is held.",
        mix: { Mix.everything }
    ) { log, bench in
        var turned = log
        for place in log.steps.indices {
            guard case .say(var saying) = log.steps[place].command else { continue }
            saying.isSpoken.toggle()
            turned.steps[place].command = .say(saying)
        }
        let one = bench.left.play(log)
        let other = bench.right.play(turned)
        for place in log.steps.indices {
            if let breach = bench.compare(
                log.steps[place], one[place], other[place], "voice and text are told apart")
            {
                return breach
            }
        }
        return bench.compareHoldings("voice and text are told apart")
    }

    static let flagged = Property(
        "flagged", "What someone does about an item on a sensitive matter changes no ad.",
        mix: {
            var mix = Mix.everything
            mix.repeatsEvents = false
            mix.parts += [(.act, 20)]
            return mix.bursting(.flagged)
        }
    ) { log, bench in
        let isFlagged = log.steps.map { step in
            guard case .act(let act) = step.command, act.type != .impression else { return false }
            return World.flaggedItems.contains(act.item)
        }
        // A text that is not flagged would make it another item.
        guard log.steps.allSatisfy({ !$0.command.unflags(in: bench.world) }) else { return nil }
        return bench.compare(
            log, without: { isFlagged[$0] }, "a signal about a flagged item tells in an ad"
        ) { log.steps[$0].command.request.map { World.isAds($0.surface) } ?? false }
    }
}

extension Oracle {
    /// By place, whether the step is a signal that a gate keeps out.
    static func blocked(in log: Log, _ bench: Bench) -> [Bool] {
        var oracle = bench.makeOracle()
        return log.steps.enumerated().map { place, step in
            if case .ignored = oracle.take(step, place: place) { true } else { false }
        }
    }
}

extension Oracle.Verdict {
    var words: String {
        switch self {
        case .used: "USED"
        case .ignored(let gate): "IGNORED \(gate)"
        case .refused: "an error"
        }
    }
}

/// Chats that nobody can tell anything of, by what the log says and leaves out.
private struct Unknown {
    private var told: Set<String> = []
    private var placed: Set<String> = []

    init(_ log: Log) {
        for step in log.steps {
            guard case .user(let change) = step.command else { continue }
            if change.notice != nil { told.insert(change.user) }
            if let region = change.region, region != "unknown" { placed.insert(change.user) }
        }
    }

    func hides(_ command: Command, in world: World) -> Bool {
        guard case .say(let saying) = command, saying.type == .chat else { return false }
        if !told.contains(saying.user) || !placed.contains(saying.user) { return true }
        guard case .message(let number) = saying.about else { return false }
        let heard = world.messages[number].heard
        return !heard.isKnownLanguage || !heard.isJudged
    }
}

extension Command {
    fileprivate func unflags(in world: World) -> Bool {
        guard case .item(let item) = self, World.flaggedItems.contains(item.id) else {
            return false
        }
        guard let text = item.text else { return true }
        return world.texts[text].sensitive == nil
    }
}
