import Domain

/// What a person may ask for: that ads pass over a topic, that a signal or everything be gone.
extension Engine {
    /// Decides to keep what the user says about a topic from raising any ad; whether that is new.
    ///
    /// Nothing is deleted: it is a mask of requests on the ads lane, and to lift it restores the very
    /// same bytes. The user is made when new; throws for a topic that is not in the list, and past
    /// `Limits.suppressedTopicsMax`.
    package func prepare(
        suppressing name: String, for user: UserID
    ) throws(EngineError) -> Prepared<Bool> {
        let topic = try topic(named: name)
        let suppressed = suppressedTopics(of: user)
        guard !suppressed.contains(topic) else { return Prepared(change: nil, outcome: false) }
        guard suppressed.count < Limits.suppressedTopicsMax else { throw .suppressedFull }
        return Prepared(change: .suppress(user, topic), outcome: true)
    }

    /// Decides to lift a suppression; whether there is one. Throws for a topic that is not in the
    /// list.
    package func prepare(
        unsuppressing name: String, for user: UserID
    ) throws(EngineError) -> Prepared<Bool> {
        let topic = try topic(named: name)
        guard suppressedTopics(of: user).contains(topic) else {
            return Prepared(change: nil, outcome: false)
        }
        return Prepared(change: .unsuppress(user, topic), outcome: true)
    }

    private func topic(named name: String) throws(EngineError) -> TopicID {
        guard let topic = topics.topic(named: name) else { throw .unknownTopic(name) }
        return topic
    }

    private func suppressedTopics(of user: UserID) -> [TopicID] {
        let key = UserKey(user)
        return withShard(of: key.hash) { $0.settings(of: key)?.suppressed ?? [] }
    }

    /// Decides to remove the signal of the event; whether it is held.
    ///
    /// What is left is what would be had it never come: the item that it named is let go, the event
    /// may come again, and a user of whom nothing else is held has never been. A ring that has wrapped
    /// since gives back what it dropped, for as many retractions in a row as its reserve holds. An
    /// impression that `Limits.showingsKeptMax` of the same item have followed stays counted.
    package func prepare(retracting event: EventID, of user: UserID) -> Prepared<Bool> {
        let key = UserKey(user)
        let hash = stableHash(event.text)
        guard withShard(of: key.hash, { $0.knows(hash, of: key) }) else {
            return Prepared(change: nil, outcome: false)
        }
        return Prepared(change: .retract(user, event: hash), outcome: true)
    }

    /// Decides to remove everything about the user; whether there is anything.
    package func prepare(forgetting user: UserID) -> Prepared<Bool> {
        let key = UserKey(user)
        guard withShard(of: key.hash, { $0.settings(of: key) != nil }) else {
            return Prepared(change: nil, outcome: false)
        }
        return Prepared(change: .forget(user), outcome: true)
    }
}
