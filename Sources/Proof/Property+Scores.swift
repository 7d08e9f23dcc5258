import Domain
import Engine

/// What a score is made of, and what it does not depend on.
extension Property {
    static let explain = Property(
        "explain",
        "The terms of an explanation add up to the logit to the bit, their signals' shares to the "
            + "term, and the score is the one that ranks.",
        mix: {
            var mix = Mix.everything
            mix.parts += [(.act, 6), (.chat, 6)]
            mix.lastRequests = 3
            return mix
        }
    ) { log, bench in
        bench.left.reset()
        for step in log.steps {
            let seen = bench.left.take(step)
            guard case .explain(let request, let item) = step.command, let report = seen.report
            else { continue }
            bench.note(seen.reply)
            let ranked = bench.left.take(
                Step(at: step.at, command: .rank(request, given: [item], top: 1))
            ).ranking.first
            guard let fault = fault(of: seen, report, ranked: ranked?.score, request)
            else { continue }
            return Breach(
                account: "\(fault)\n\nto      \(step.line(in: bench.world))\nit says\n\(seen.text)")
        }
        return nil
    }

    private static func fault(
        of seen: Observation, _ report: Engine.ScoreReport, ranked: Double?,
        _ request: RequestCommand
    ) -> String? {
        let sum = report.terms.reduce(0) { $0 + $1.value }
        guard sum.bitPattern == report.logit.bitPattern else {
            return "the terms add up to \(sum), not to the logit"
        }
        for term in report.terms where !term.signals.isEmpty {
            let shares = term.signals.reduce(0) { $0 + $1.share }
            guard Double(shares) * (term.scale ?? 0) == term.value else {
                return "the shares of \(term.name) add up to \(shares), not to the term"
            }
        }
        let factor = World.isAds(request.surface) ? Double(report.bidMicros) : 1
        guard factor * report.probability == report.score else {
            return "the score is not \(factor) x \(report.probability)"
        }
        guard !seen.tellsFilter || (report.filter == nil) == (ranked != nil) else {
            return "a candidate is ranked unless a filter keeps it out"
        }
        guard ranked == nil || ranked == report.score else {
            return "it ranks with \(ranked ?? 0)"
        }
        return nil
    }

    static let isolation = Property(
        "isolation",
        "A candidate's score does not depend on the others; the better comes first, equals in the "
            + "order of their names.",
        mix: {
            var mix = Mix.everything
            mix.lastRequests = 1
            return mix
        }
    ) { log, bench in
        guard let last = log.steps.last, let request = last.command.request else { return nil }
        _ = bench.left.play(Log(log.steps.dropLast()))
        func rank(_ given: [String]?, top: Int = 100) -> Observation {
            bench.left.take(
                Step(at: last.at, command: .rank(request, given: given, top: top)))
        }
        let all = rank(nil)
        bench.note(all.reply)
        let names = all.ranking.map(\.id)
        func breach(_ account: String) -> Breach {
            Breach(
                account:
                    "\(account)\n\nto      \(last.line(in: bench.world))\nit ranks\n\(all.text)")
        }
        for (one, next) in zip(all.ranking, all.ranking.dropFirst())
        where one.score < next.score
            || (one.score == next.score && !one.id.utf8.lexicographicallyPrecedes(next.id.utf8))
        {
            return breach("\(one.id) stands before \(next.id)")
        }
        for ranked in all.ranking where rank([ranked.id]).ranking != [ranked] {
            return breach("\(ranked.id) alone has another score")
        }
        let turned = Array(names.reversed()) + ["no-such-item"] + names.prefix(1)
        guard rank(turned).ranking == all.ranking else {
            return breach("named in another order they rank otherwise")
        }
        guard names.isEmpty || rank(nil, top: 2).ranking == Array(all.ranking.prefix(2)) else {
            return breach("the best two are not the first two of all")
        }
        return nil
    }

    static let again = Property(
        "again",
        "The same log gives the same bytes on a new engine, with another number of shards, as on one "
            + "that has seen other logs and forgotten them.", rarity: 400,
        mix: { Mix.everything }
    ) { log, bench in
        let machine: Machine
        do throws(ProofError) {
            machine = try Machine(bench.world, shards: 1)
        } catch {
            return Breach(account: error.message)
        }
        let seen = bench.left.play(log)
        let anew = machine.play(log)
        for (place, step) in log.steps.enumerated() {
            if let breach = bench.compare(
                step, seen[place], anew[place], "a new engine says something else")
            {
                return breach
            }
        }
        return nil
    }

    static let restart = Property(
        "restart",
        "Played again from the journal, everything is as it was: what is held, and every reply.",
        rarity: 2, mix: { Mix.everything }
    ) { log, bench in
        _ = bench.left.play(log)
        guard let journal = bench.left.journal else { return nil }
        bench.right.reset()
        bench.right.replay(journal)
        for step in log.steps where step.command.request != nil {
            if let breach = bench.compare(
                step, bench.left.take(step), bench.right.take(step),
                "after a restart it says something else")
            {
                return breach
            }
        }
        return bench.compareHoldings("after a restart something else is held")
    }

    static let snapshot = Property(
        "snapshot",
        "Saved in the middle and restored, everything goes on as if nothing had been: every reply, and "
            + "what is held.", rarity: 8,
        mix: {
            var mix = Mix.everything
            mix.bursts = [.chats, .retracted]
            return mix
        }
    ) { log, bench in
        let middle = log.steps.count / 2
        bench.left.reset()
        for step in log.steps[..<middle] { _ = bench.left.take(step) }
        guard let snapshot = bench.left.snapshot() else { return nil }
        bench.right.reset()
        bench.right.restore(snapshot)
        if let breach = bench.compareHoldings("a snapshot holds something else") { return breach }
        for step in log.steps[middle...] {
            if let breach = bench.compare(
                step, bench.left.take(step), bench.right.take(step),
                "after a snapshot it says something else")
            {
                return breach
            }
        }
        return bench.compareHoldings("after a snapshot something else is held")
    }

    package static let all: [Property] = [
        verdicts, ads, order, content, state, closed, region, notice, link, time, policy, modality,
        flagged,
        retract, forget, suppress, others, explain, isolation, restart, snapshot, again,
    ]
}
