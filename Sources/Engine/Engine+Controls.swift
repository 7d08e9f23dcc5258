import Domain

/// What a person may ask for: that ads pass over a topic, that a signal or everything be gone.
extension Engine {
    /// Keeps what the user says about a topic from raising any ad. Returns whether that is new.
    ///
    /// Nothing is deleted: it is a mask of requests on the ads lane, and to lift it restores the very
    /// same bytes. Makes the user when new; throws for a topic that is not in the list, and past
    /// `Limits.suppressedTopicsMax`.
    package func suppress(_ name: String, for user: UserID) throws(EngineError) -> Bool {
        try changeSuppressed(name, for: user) { (suppressed, topic) throws(EngineError) in
            let place = suppressed.firstIndex { $0.rawValue >= topic.rawValue }
            if let place, suppressed[place] == topic { return false }
            guard suppressed.count < Limits.suppressedTopicsMax else {
                throw .full(
                    what: "suppressed topics of one user", limit: Limits.suppressedTopicsMax)
            }
            suppressed.insert(topic, at: place ?? suppressed.count)
            return true
        }
    }

    /// Lifts a suppression. Returns whether there was one; throws for a topic that is not in the list.
    package func unsuppress(_ name: String, for user: UserID) throws(EngineError) -> Bool {
        try changeSuppressed(name, for: user) { (suppressed, topic) throws(EngineError) in
            guard let place = suppressed.firstIndex(of: topic) else { return false }
            suppressed.remove(at: place)
            return true
        }
    }

    /// Changes a user's suppressed topics by `change`, which returns whether it did.
    private func changeSuppressed(
        _ name: String, for user: UserID,
        _ change: (inout [TopicID], TopicID) throws(EngineError) -> Bool
    ) throws(EngineError) -> Bool {
        guard let topic = topics.topic(named: name) else { throw .unknownTopic(name) }
        let key = UserKey(user)
        return try writer.withLock { (_) throws(EngineError) -> Bool in
            let hasChanged = try withShard(of: key.hash) { (shard) throws(EngineError) -> Bool in
                var settings = shard.settings(of: key) ?? UserShard.Settings()
                guard try change(&settings.suppressed, topic) else { return false }
                try shard.configure(key, settings)
                shard.forgetIfEmpty(key)
                return true
            }
            if hasChanged { items.advance() }
            return hasChanged
        }
    }

    /// Removes the signal of the event. Returns whether it was held.
    ///
    /// What is left is what would be had it never come: the item that it named is let go, the event
    /// may come again, and a user of whom nothing else is held has never been. Two things cannot be
    /// told any more: what a ring that has wrapped since has dropped for it, and an impression that
    /// `Limits.showingsKeptMax` of the same item have followed, which stays counted.
    package func retract(_ event: EventID, of user: UserID) -> Bool {
        let key = UserKey(user)
        return writer.withLock { _ in
            let retraction = withShard(of: key.hash) {
                $0.retract(stableHash(event.text), of: key)
            }
            guard let retraction else { return false }
            if let slot = retraction.releasedSlot { items.release(slot) }
            items.advance()
            items.reclaim()
            return true
        }
    }

    /// Removes everything about the user. Returns whether there was anything.
    package func forget(_ user: UserID) -> Bool {
        let key = UserKey(user)
        return writer.withLock { _ in
            guard let slots = withShard(of: key.hash, { $0.forget(key) }) else { return false }
            for slot in slots { items.release(slot) }
            items.advance()
            items.reclaim()
            return true
        }
    }
}
