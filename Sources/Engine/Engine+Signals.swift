import Domain
import Policy

/// What the text model makes of a message: all that is left of it.
package struct MessageReading: Sendable, Equatable {
    package var language: ChatFacts.LanguageVerdict
    package var sensitive: SensitiveLabel?
    /// Whether anything could tell what it is about; what nobody judged counts as sensitive.
    package var isJudged = true
    /// The strongest first, at most `Limits.chatTopicsMax`.
    package var topics: [TopicWeight]

    package init(
        language: ChatFacts.LanguageVerdict, sensitive: SensitiveLabel?, topics: [TopicWeight]
    ) {
        self.language = language
        self.sensitive = sensitive
        self.topics = topics
    }

    /// A message that nothing could judge.
    package static func unjudged(language: ChatFacts.LanguageVerdict) -> MessageReading {
        var reading = MessageReading(language: language, sensitive: nil, topics: [])
        reading.isJudged = false
        return reading
    }
}

/// Signals: what the user did or said, past the gates and into the user's rings.
extension Engine {
    /// Decides about a signal. The outcome is the gate that keeps it out, or `nil` when it is used.
    ///
    /// A signal that is kept out touches nothing but the server-wide counter of its gate.
    /// - Parameter reading: What the text model made of the signal's text; required with text.
    package func prepare(
        taking draft: SignalDraft, reading: MessageReading?, now: Timestamp
    ) throws(EngineError) -> Prepared<Gate?> {
        let at = draft.at ?? now
        guard at.milliseconds - now.milliseconds <= Limits.futureMillisecondsMax else {
            throw .future(at)
        }
        if case .vector(let vector) = draft.about { try checkDimension(of: vector) }
        let key = UserKey(draft.user)
        return try writer.withLock { (writer) throws(EngineError) -> Prepared<Gate?> in
            if isDuplicate(draft, of: key) {
                writer.gateCounts[.duplicate] += 1
                return Prepared(change: nil, outcome: .duplicate)
            }
            let about = try resolved(draft, reading: reading)
            if let gate = gate(for: draft, about: about, reading: reading, at: at, key: key) {
                writer.gateCounts[gate] += 1
                try leak(blocked: draft, by: gate, reading, at: at, key: key)
                return Prepared(change: nil, outcome: gate)
            }
            leak(used: draft, at: at, key: key)
            let product = draft.type == .chat ? draft.product : nil
            let signal = ResolvedSignal(
                user: draft.user, type: draft.type, at: at,
                event: draft.event.map { stableHash($0.text) } ?? 0, product: product, about: about)
            return Prepared(
                change: .keepSignal(signal), outcome: nil,
                addsToSetup: try checkRoom(for: product.map { [$0] } ?? []))
        }
    }

    /// Whether the signal is kept out whatever its text says, so that its words need not be read.
    package func keepsOutUnread(_ draft: SignalDraft, now: Timestamp) throws(EngineError) -> Bool {
        let at = draft.at ?? now
        guard at.milliseconds - now.milliseconds <= Limits.futureMillisecondsMax else {
            throw .future(at)
        }
        let key = UserKey(draft.user)
        return writer.withLock { _ in
            if isDuplicate(draft, of: key) { return true }
            guard draft.type == .chat else { return false }
            return setup.policy.gate(for: circumstances(of: draft, at: at, key: key)) != nil
        }
    }

    /// Whether the event is held already; asked first, for the item may be gone since.
    private func isDuplicate(_ draft: SignalDraft, of key: UserKey) -> Bool {
        guard let event = draft.event else { return false }
        let hash = stableHash(event.text)
        return withShard(of: key.hash) { $0.knows(hash, of: key) } || leaks(knowing: hash)
    }

    /// What the signal is about, resolved; topics may be none.
    private func resolved(
        _ draft: SignalDraft, reading: MessageReading?
    ) throws(EngineError) -> ResolvedSignal.About {
        switch draft.about {
        case .item(let id):
            guard let slot = items.slot(of: id) else { throw .unknownItem(id.text) }
            return .item(id, isFlagged: items.isSensitive(slot))
        case .topic(let name):
            guard let topic = topics.topic(named: name) else { throw .unknownTopic(name) }
            return .topics([TopicWeight(topic: topic, weight: .max)])
        case .text:
            let topics = (reading?.topics ?? []).filter { $0.weight > 0 }
            return .topics(Array(topics.prefix(Limits.chatTopicsMax)))
        case .vector(let vector): return .vector(vector.space, Quantiser.levels(of: vector))
        }
    }

    /// The first gate that keeps the signal out, which is no duplicate.
    private func gate(
        for draft: SignalDraft, about: ResolvedSignal.About, reading: MessageReading?,
        at: Timestamp, key: UserKey
    ) -> Gate? {
        var facts = circumstances(of: draft, at: at, key: key)
        facts.language = reading?.language ?? .known
        facts.sensitive = sensitive(of: draft, reading: reading)
        facts.isJudged = reading?.isJudged ?? true
        facts.hasTopic = hasTopic(about, type: draft.type)
        leak(into: &facts, of: draft)
        return draft.type == .chat
            ? setup.policy.gate(for: facts) : setup.policy.behaviourGate(for: facts)
    }

    /// What is known of a chat before its text is read: who, when, and from which product.
    private func circumstances(of draft: SignalDraft, at: Timestamp, key: UserKey) -> ChatFacts {
        let settings = withShard(of: key.hash) { $0.settings(of: key) } ?? UserShard.Settings()
        var facts = ChatFacts(region: settings.region(at: at), at: at)
        facts.notice = settings.notice
        if let product = draft.product {
            facts.reachesSurface = setup.reachesSurface(product, links: settings.links)
        }
        return facts
    }

    /// The caller's label always counts in the safe direction.
    private func sensitive(of draft: SignalDraft, reading: MessageReading?) -> SensitiveLabel? {
        if case .sensitive(let label) = draft.label { return label }
        return reading?.sensitive
    }

    /// A chat counts by its topics only; other signals by whatever they are about.
    private func hasTopic(_ about: ResolvedSignal.About, type: SignalType) -> Bool {
        switch about {
        case .topics(let weights): !weights.isEmpty
        case .item, .vector: type != .chat
        }
    }
}
