import Domain
import Engine
import Policy
import Text
import Wire

/// Commands about users and what they did or said.
extension CommandExecutor {
    func take(
        _ signal: SignalDraft, session: inout Session, writer: inout ReplyWriter
    ) throws(EngineError) -> Outcome {
        let now = shared.now
        let answer = shared.changes.take(
            signal, reading: try reading(of: signal, now: now), now: now)
        return reply(answer, session: &session, writer: &writer) { gate, _, writer in
            writer.simple(gate.map { "IGNORED \($0.rawValue)" } ?? "USED")
        }
    }

    /// What the signal's text says. What is kept out whatever it says is not read at all.
    private func reading(
        of signal: SignalDraft, now: Timestamp
    ) throws(EngineError) -> MessageReading? {
        guard case .text(let text) = signal.about else { return nil }
        if try shared.engine.keepsOutUnread(signal, now: now) {
            return .unjudged(language: .known)
        }
        // Texts come to executors with a reader, unless the user's settings or the policy have
        // changed since that was asked: what cannot be read now counts as sensitive.
        guard let reader else { return .unjudged(language: .known) }
        return reader.reading(of: text)
    }

    /// Whether the signal's text must be read, by a worker.
    func readsText(_ signal: SignalDraft) throws(EngineError) -> Bool {
        guard reader == nil, case .text = signal.about else { return false }
        return try !shared.engine.keepsOutUnread(signal, now: shared.now)
    }

    /// Null when nothing is held about the user.
    func describe(_ id: UserID) -> Reply {
        guard let user = shared.engine.user(id, ranker: ranker) else { return .null }
        let signals = user.signals.map { Reply.Field($0.signals.word, .integer($0.count)) }
        return [
            "id": .bulk(id.text),
            "region": .bulk(user.regions.last?.region.description ?? "unknown"),
            "regions": regions(of: user),
            "notice": optional(user.notice?.description),
            "links": .array(user.links.map { .bulk($0.text) }),
            "language": .bulk(user.language.description),
            "suppressed": .array(user.suppressed.map(Reply.bulk)),
            "signals": .map(signals),
        ]
    }

    /// The history, oldest first.
    func regions(of user: Engine.UserDescription) -> Reply {
        .array(
            user.regions.map { period -> Reply in
                [
                    "from": .bulk(period.from.description),
                    "region": .bulk(period.region.description),
                ]
            })
    }
}
