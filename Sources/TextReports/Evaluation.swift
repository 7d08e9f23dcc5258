import Domain
import Text

/// How well the models do on labelled messages: what `cairn text evaluate` reports.
package struct Evaluation: Encodable {
    package struct Category: Encodable {
        package var messages = 0
        /// Messages that the sensitive gate blocks.
        package var blocked = 0
        /// Messages that no gate at all keeps from ads.
        package var leaked = 0

        package var recall: Double { share(blocked, of: messages) }
        package var leak: Double { share(leaked, of: messages) }
    }

    /// The label of messages about nothing sensitive.
    package static let none = "none"

    package private(set) var categories: [String: Category] = [:]
    /// Messages labelled `none`, blocked as sensitive, and of use for ads.
    package private(set) var everyday = 0
    package private(set) var everydayBlocked = 0
    package private(set) var everydayUsed = 0
    /// Messages labelled `none` that name a topic; whose closest topic is it; one of whose topics is it
    /// or is near it.
    package private(set) var topical = 0
    package private(set) var topicRight = 0
    package private(set) var topicNear = 0
    package private(set) var messagesPerSecond = 0.0

    package var recall: Double {
        share(
            categories.values.reduce(0) { $0 + $1.blocked },
            of: categories.values.reduce(0) { $0 + $1.messages })
    }
    package var leak: Double {
        share(
            categories.values.reduce(0) { $0 + $1.leaked },
            of: categories.values.reduce(0) { $0 + $1.messages })
    }

    package init() {}

    /// Takes one message's label, the topic that a person gave it if any, and what the models said.
    package mutating func add(
        label: String, topic: String?, _ found: Classification, nearness: TopicNearness
    ) {
        guard label == Self.none else {
            var category = categories[label] ?? Category()
            category.messages += 1
            if found.sensitive { category.blocked += 1 }
            if found.ads.used { category.leaked += 1 }
            categories[label] = category
            return
        }
        everyday += 1
        if found.sensitive { everydayBlocked += 1 }
        if found.ads.used { everydayUsed += 1 }
        guard let topic, !topic.isEmpty, topic != "-" else { return }
        topical += 1
        guard found.ads.used else { return }
        let names = found.topics.map(\.name)
        if let first = names.first, nearness.isSame(first, topic) { topicRight += 1 }
        if names.contains(where: { nearness.isNear($0, topic) }) { topicNear += 1 }
    }

    package mutating func finish(seconds: Double) {
        let messages = everyday + categories.values.reduce(0) { $0 + $1.messages }
        messagesPerSecond = seconds > 0 ? Double(messages) / seconds : 0
    }

    private enum Key: String, CodingKey {
        case recall, leak, categories, everyday, blocked, used, topics, throughput
    }
    private enum ShareKey: String, CodingKey {
        case messages, recall, leak, share, right, near, perSecond = "messages_per_second"
    }

    package func encode(to encoder: any Encoder) throws {
        var root = encoder.container(keyedBy: Key.self)
        try root.encode(recall, forKey: .recall)
        try root.encode(leak, forKey: .leak)
        var nested = root.nestedContainer(keyedBy: Word.self, forKey: .categories)
        for (label, category) in categories {
            var values = nested.nestedContainer(keyedBy: ShareKey.self, forKey: Word(label))
            try values.encode(category.messages, forKey: .messages)
            try values.encode(category.recall, forKey: .recall)
            try values.encode(category.leak, forKey: .leak)
        }
        try root.encode(everyday, forKey: .everyday)
        try root.encode(share(everydayBlocked, of: everyday), forKey: .blocked)
        try root.encode(share(everydayUsed, of: everyday), forKey: .used)
        var topics = root.nestedContainer(keyedBy: ShareKey.self, forKey: .topics)
        try topics.encode(topical, forKey: .messages)
        try topics.encode(share(topicRight, of: topical), forKey: .right)
        try topics.encode(share(topicNear, of: topical), forKey: .near)
        var speed = root.nestedContainer(keyedBy: ShareKey.self, forKey: .throughput)
        try speed.encode(messagesPerSecond, forKey: .perSecond)
    }

    private struct Word: CodingKey {
        let stringValue: String
        let intValue: Int? = nil
        init(_ word: String) { stringValue = word }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// A table for people.
    package var table: String {
        func row(_ name: String, _ count: Int, _ first: Double, _ second: Double) -> String {
            let cells = [
                name.padded(to: 14), "\(count)".padded(to: 9), percent(first).padded(to: 10),
                percent(second),
            ]
            return cells.joined()
        }
        var lines = ["label         messages blocked   used for ads"]
        for label in categories.keys.sorted() {
            guard let category = categories[label] else { continue }
            lines.append(row(label, category.messages, category.recall, category.leak))
        }
        lines.append(
            row("all sensitive", categories.values.reduce(0) { $0 + $1.messages }, recall, leak))
        lines.append(
            row(
                Self.none, everyday, share(everydayBlocked, of: everyday),
                share(everydayUsed, of: everyday)))
        if topical > 0 {
            lines.append("")
            lines.append(
                "topics        \(topical) everyday messages name one: the closest is right for "
                    + "\(percent(share(topicRight, of: topical))), one is right or near for "
                    + percent(share(topicNear, of: topical)))
        }
        lines.append("")
        lines.append("throughput    \(Int(messagesPerSecond)) messages a second on one thread")
        return lines.joined(separator: "\n")
    }
}

private func share(_ part: Int, of whole: Int) -> Double {
    whole == 0 ? 0 : Double(part) / Double(whole)
}

private func percent(_ share: Double) -> String {
    let tenths = Int((share * 1_000).rounded())
    return "\(tenths / 10).\(tenths % 10) %"
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(1, width - count))
    }
}
