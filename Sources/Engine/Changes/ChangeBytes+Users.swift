import Domain

/// A user's settings:
///
///     | user | has region: u16 | has time: time | has notice: time | has language: u16 |
///     | has links: products |
///
/// A signal:
///
///     | user | type u8 | time | has event: u64 | has product: product | about u8 |
///     | item's id, or topics (number u16, weight u8), or a vector's values |
extension ChangeWriter {
    mutating func user(_ change: UserChange) {
        text(change.user.text)
        optional(change.region) { $0.fixed($1.rawValue) }
        optional(change.at) { $0.time($1) }
        optional(change.notice) { $0.time($1) }
        optional(change.language) { $0.fixed($1.rawValue) }
        optional(change.links) { $0.list($1) { $0.text($1.text) } }
    }

    mutating func signal(_ signal: ResolvedSignal) {
        text(signal.user.text)
        byte(signal.type.rawValue)
        time(signal.at)
        optional(signal.event == 0 ? nil : signal.event) { $0.fixed($1) }
        optional(signal.product) { $0.text($1.text) }
        switch signal.about {
        case .item(let id, let isFlagged):
            byte((isFlagged ? AboutTag.flaggedItem : .item).rawValue)
            text(id.text)
        case .topics(let weights):
            byte(AboutTag.topics.rawValue)
            list(weights) { writer, weight in
                writer.fixed(weight.topic.rawValue)
                writer.byte(weight.weight)
            }
        case .vector(let space, let values):
            byte((space == .text ? AboutTag.textVector : .tasteVector).rawValue)
            levels(values)
        }
    }
}

private enum AboutTag: UInt8 {
    case item = 0
    case topics = 1
    case textVector = 2
    case tasteVector = 3
    case flaggedItem = 4
}

extension ChangeReader {
    mutating func user() throws(ChangeBytesError) -> UserChange {
        var change = UserChange(user: try name(UserID.init))
        change.region = try optional { (reader) throws(ChangeBytesError) in
            try reader.code("region")
        }
        change.at = try optional { (reader) throws(ChangeBytesError) in try reader.time() }
        guard (change.region == nil) == (change.at == nil) else {
            throw .invalid("a region goes with a time")
        }
        change.notice = try optional { (reader) throws(ChangeBytesError) in try reader.time() }
        change.language = try optional { (reader) throws(ChangeBytesError) in
            try reader.code("language")
        }
        change.links = try optional { (reader) throws(ChangeBytesError) in
            try reader.list(upTo: Limits.productsMax) { (reader) throws(ChangeBytesError) in
                try reader.name(Product.init)
            }
        }
        return change
    }

    mutating func signal() throws(ChangeBytesError) -> ResolvedSignal {
        let user = try name(UserID.init)
        let type: SignalType = try code("type of signal")
        let at = try time()
        let event = try optional { (reader) throws(ChangeBytesError) in
            try reader.fixed(UInt64.self)
        }
        guard event != 0 else { throw .invalid("0 is no event") }
        let product = try optional { (reader) throws(ChangeBytesError) in
            try reader.name(Product.init)
        }
        guard product == nil || type == .chat else {
            throw .invalid("only chats have a product")
        }
        let about = try about()
        return ResolvedSignal(
            user: user, type: type, at: at, event: event ?? 0, product: product, about: about)
    }

    private mutating func about() throws(ChangeBytesError) -> ResolvedSignal.About {
        let tag = try byte()
        switch AboutTag(rawValue: tag) {
        case .item: return .item(try name(ItemID.init), isFlagged: false)
        case .flaggedItem: return .item(try name(ItemID.init), isFlagged: true)
        case .topics:
            return .topics(
                try list(upTo: Limits.chatTopicsMax) { (reader) throws(ChangeBytesError) in
                    let topic = TopicID(rawValue: try reader.fixed())
                    let weight = try reader.byte()
                    guard weight > 0 else { throw .invalid("a topic weighs nothing") }
                    return TopicWeight(topic: topic, weight: weight)
                })
        case .textVector: return .vector(.text, try levels(upTo: Limits.textDimension))
        case .tasteVector: return .vector(.taste, try levels(upTo: Limits.tasteDimensionMax))
        case nil: throw .invalid("a signal cannot be about \(tag)")
        }
    }
}
