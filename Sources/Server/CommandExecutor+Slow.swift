import Domain
import Engine
import Logging
import Wire

/// `SLOWLOG`, and what it is told of rankings.
extension CommandExecutor {
    func answer(_ command: SlowLogCommand, writer: inout ReplyWriter) {
        let log = shared.slowLog
        switch command {
        case .get(let count):
            // As in redis, with the client's address and name, which are not kept.
            let entries = log.newest(count).map { entry -> Reply in
                [
                    .integer(entry.id), .integer(Int(entry.at.milliseconds / 1_000)),
                    .integer(Int(entry.microseconds)), .array(entry.words.map(Reply.bulk)),
                    .bulk(""), .bulk(""),
                ]
            }
            writer.reply(.array(entries))
        case .length: writer.integer(log.length)
        case .reset:
            log.reset()
            writer.ok()
        case .help: writer.reply(CommandTable.help(of: .slowLog))
        }
    }

    /// Tells the slow log of a ranking, if it took long enough. The ranking is in hand still, so its
    /// best item is explained as it was scored.
    func noteIfSlow(
        _ verb: CommandName, _ command: RankCommand, nanoseconds: Int64,
        results: borrowing RankResults, request: RankRequest, on surface: ResolvedSurface,
        setup: Setup, bytes: Span<UInt8>
    ) {
        guard shared.slowLog.admits(nanoseconds: nanoseconds) else { return }
        let best = shared.engine.explainBest(
            of: results, request, on: surface, setup: setup, ranker: ranker)
        let explanation = best.map {
            JSONWriter.text(of: .map(scoreFields(of: $0.report, setup: setup, isNamed: false)))
        }
        shared.slowLog.takeRanking(
            words(of: verb, command, on: surface), explanation: explanation,
            terms: best.map { Self.terms(of: $0.report) }, nanoseconds: nanoseconds)
        guard shared.logger.logLevel <= .debug, let best else { return }
        let named = JSONWriter.text(
            of: .map(scoreFields(of: best.report, setup: setup, isNamed: true)))
        shared.logger.debug(
            "slow ranking, with names",
            metadata: [
                "user": "\(String(repairing: bytes.extracting(command.occasion.user.range)))",
                "item": "\(best.item)", "explain": "\(named)",
            ])
    }

    /// A score in short: `score=1.5 logit=-0.4 bias=0.0 prior=-3.9 chat.text=3.5`.
    private static func terms(of report: Engine.ScoreReport) -> String {
        let sums = [("score", report.score), ("logit", report.logit)]
        return (sums + report.terms.map { ($0.name, $0.value) })
            .map { "\($0.0)=\($0.1)" }.joined(separator: " ")
    }

    /// The command without the names of users and items, and without texts.
    private func words(
        of verb: CommandName, _ command: RankCommand, on surface: ResolvedSurface
    ) -> [String] {
        var words = [
            verb.rawValue, "SURFACE", surface.surface.name.text, "TOP", "\(command.top)",
        ]
        if command.isFull { words.append("FULL") }
        let contexts = command.occasion.contexts.indices.count
        if contexts > 0 { words += ["CONTEXTS", "\(contexts)"] }
        switch command.candidates {
        case .all: words.append("ALL")
        case .packed(let range): words += ["PACKED", "\(range.count / 8)"]
        case .items(_, let count): words += ["ITEMS", "\(count)"]
        }
        return words
    }
}
