import Domain
import Engine

/// A user as the changes that make one.
extension PortableUser {
    func changes(topics: TopicRows) throws(DomainError) -> [Change] {
        let user = try UserID(id)
        var changes = try settings(of: user)
        for name in suppressed ?? [] {
            changes.append(.suppress(user, try Self.topic(name, topics)))
        }
        for signal in signals ?? [] { changes.append(try signal.change(of: user, topics)) }
        for impression in impressions ?? [] { changes += try impression.changes(of: user) }
        return changes
    }

    private func settings(of user: UserID) throws(DomainError) -> [Change] {
        var changes: [Change] = []
        guard isConfigured == true else { return changes }
        var change = UserChange(user: user)
        if let notice { change.notice = try Timestamp(notice) }
        if let language { change.language = try Language(language) }
        if let links {
            var products: [Product] = []
            for link in links { products.append(try Product(link)) }
            change.links = products
        }
        changes.append(.setUser(change))
        // Newest first: a period that is put before others never merges with its neighbour.
        for period in (regions ?? []).reversed() {
            var move = UserChange(user: user)
            move.region = try Region(period.region)
            move.at = try Timestamp(period.from)
            changes.append(.setUser(move))
        }
        return changes
    }

    static func topic(_ name: String, _ topics: TopicRows) throws(DomainError) -> TopicID {
        guard let topic = topics.topic(named: name) else {
            throw .setting("unknown topic '\(name)'")
        }
        return topic
    }
}

extension PortableUser.Signal {
    func change(of user: UserID, _ topics: TopicRows) throws(DomainError) -> Change {
        var product: Product?
        if let name = self.product { product = try Product(name) }
        return .keepSignal(
            ResolvedSignal(
                user: user, type: try SignalType(type), at: try Timestamp(at),
                event: try EventHash.value(event), product: product, about: try about(topics)))
    }

    private func about(_ list: TopicRows) throws(DomainError) -> ResolvedSignal.About {
        if let item { return .item(try ItemID(item), isFlagged: isFlagged == true) }
        if let space, let vector { return .vector(try Space(bytes: space.utf8.span), vector) }
        var weights: [TopicWeight] = []
        for weight in topics ?? [] {
            weights.append(
                TopicWeight(
                    topic: try PortableUser.topic(weight.topic, list), weight: weight.weight))
        }
        return .topics(weights)
    }
}

extension PortableUser.Impression {
    /// The earlier ones make way for the newest. Where fewer than the most are newest, some were
    /// taken back: others hold their places meanwhile.
    func changes(of user: UserID) throws(DomainError) -> [Change] {
        let item = try ItemID(item)
        func shown(_ at: Timestamp, _ event: UInt64) -> Change {
            .keepSignal(
                ResolvedSignal(
                    user: user, type: .impression, at: at, event: event, product: nil,
                    about: .item(item, isFlagged: isFlagged == true)))
        }
        var changes: [Change] = []
        var holders: [UInt64] = []
        if let earlier, let earlierLast {
            let last = try Timestamp(earlierLast)
            for _ in 0..<min(earlier, Int(UInt16.max)) { changes.append(shown(last, 0)) }
            for number in newest.count..<max(newest.count, Limits.showingsKeptMax) {
                holders.append(.max - UInt64(number))
                changes.append(shown(last, .max - UInt64(number)))
            }
        }
        for showing in newest {
            changes.append(
                shown(try Timestamp(showing.at), try EventHash.value(showing.event)))
        }
        return changes + holders.map { .retract(user, event: $0) }
    }
}
