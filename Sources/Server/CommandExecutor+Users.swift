import Domain
import Engine
import Policy
import Wire

/// Commands about users and what they did or said.
extension CommandExecutor {
    func take(_ signal: SignalDraft, writer: inout ReplyWriter) throws(EngineError) {
        var reading: MessageReading?
        if case .text(let text) = signal.about { reading = shared.text.reading(of: text) }
        let gate = try shared.engine.take(signal, reading: reading, now: WallClock.now)
        if let gate {
            writer.simple("IGNORED \(gate.rawValue)")
        } else {
            writer.simple("USED")
        }
    }

    func set(_ change: UserChange, writer: inout ReplyWriter) throws(EngineError) {
        try shared.engine.set(change, now: WallClock.now)
        writer.ok()
    }

    /// Null when nothing is held about the user.
    func describe(_ id: UserID) -> Reply {
        guard let user = shared.engine.user(id, ranker: ranker) else { return .null }
        let regions = user.regions.map { period -> Reply in
            ["from": .bulk(period.from.description), "region": .bulk(period.region.description)]
        }
        let signals = user.signals.map { Reply.Field($0.signals.word, .integer($0.count)) }
        return [
            "id": .bulk(id.text),
            "region": .bulk(user.regions.last?.region.description ?? "unknown"),
            "regions": .array(regions),
            "notice": optional(user.notice?.description),
            "links": .array(user.links.map { .bulk($0.text) }),
            "language": .bulk(user.language.description),
            "signals": .map(signals),
        ]
    }
}
