import Domain
import Engine
import Policy
import Wire

/// `EXPLAIN` and `WHYNOT`: answers for people and for audits.
extension CommandExecutor {
    func explain(
        _ command: ExplainCommand, _ arguments: CommandArguments, writer: inout ReplyWriter
    ) throws(EngineError) {
        let setup = shared.engine.setup
        let surface = try surface(of: command.occasion, arguments, setup: setup)
        var masked = GateSet()
        let request = request(
            for: command.occasion, on: surface, setup: setup, bytes: arguments.bytes,
            masked: &masked)
        let report = try shared.engine.explain(
            arguments[command.item],
            request, on: surface, setup: setup, bytes: arguments.bytes, ranker: ranker)
        countMasked(by: masked)
        write(
            .map(scoreFields(of: report, setup: setup, isNamed: true)), command, writer: &writer)
    }

    func whyNot(
        _ command: ExplainCommand, _ arguments: CommandArguments, writer: inout ReplyWriter
    ) throws(EngineError) {
        let setup = shared.engine.setup
        let surface = try surface(of: command.occasion, arguments, setup: setup)
        var masked = GateSet()
        let request = request(
            for: command.occasion, on: surface, setup: setup, bytes: arguments.bytes,
            masked: &masked)
        let report = try shared.engine.standing(
            of: arguments[command.item],
            request, on: surface, setup: setup, bytes: arguments.bytes, ranker: ranker)
        countMasked(by: masked)
        let filter = report.score.filter
        let isShown = filter == nil && (report.rank.map { $0 <= Limits.topDefault } ?? false)
        var fields = [
            Reply.Field("shown", .boolean(isShown)),
            Reply.Field("reason", .bulk(filter?.rawValue ?? (isShown ? "none" : "rank"))),
            Reply.Field("rank", report.rank.map(Reply.integer) ?? .null),
            Reply.Field("candidates", .integer(report.candidates)),
        ]
        if filter != .unknown {
            // What is filtered out does not compete, so it is behind no one.
            let last = isShown || filter != nil ? nil : report.lastShownScore
            let behind = last.map { $0 - report.score.score }
            fields.append(Reply.Field("behind", behind.map(Reply.double) ?? .null))
        }
        let reasons = Reasons(
            report: report, surface: surface.surface, setup: setup, clock: request.clock)
        fields.append(Reply.Field("why", .array(reasons.sentences.map(Reply.bulk))))
        if filter != .unknown {
            fields += scoreFields(of: report.score, setup: setup, isNamed: true)
        }
        write(.map(fields), command, writer: &writer)
    }

    private func write(_ reply: Reply, _ command: ExplainCommand, writer: inout ReplyWriter) {
        if command.isJSON {
            writer.bulk(JSONWriter.text(of: reply))
        } else {
            writer.reply(reply)
        }
    }

    /// - Parameter isNamed: Whether it is said which items and topics the signals are about.
    func scoreFields(
        of report: Engine.ScoreReport, setup: Setup, isNamed: Bool
    ) -> [Reply.Field] {
        [
            Reply.Field("score", .double(report.score)),
            Reply.Field("p", .double(report.probability)),
            Reply.Field("logit", .double(report.logit)),
            Reply.Field("bid", .integer(report.bidMicros)),
            Reply.Field("terms", .array(report.terms.map { describe($0, isNamed: isNamed) })),
            Reply.Field("gates", .array(report.gates.map { .bulk($0.rule) })),
            Reply.Field("policy", .bulk(setup.policyDigest)),
        ]
    }

    private func describe(_ term: Engine.TermReport, isNamed: Bool) -> Reply {
        let signals = term.signals.map { signal -> Reply in
            var fields = [Reply.Field("type", .bulk(signal.type))]
            if isNamed { fields.append(Reply.Field("about", .bulk(signal.about))) }
            return .map(
                fields + [
                    Reply.Field("age_s", signal.ageSeconds.map(Reply.integer) ?? .null),
                    Reply.Field("weight", .integer(signal.weight)),
                    Reply.Field("share", .integer(signal.share)),
                ])
        }
        return [
            "name": .bulk(term.name),
            "value": .double(term.value),
            "scale": term.scale.map(Reply.double) ?? .null,
            "signals": .array(signals),
        ]
    }
}
