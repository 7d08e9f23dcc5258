import Domain

/// Turns text into directions, topics and sensitive labels, with a model that is part of the
/// program.
///
/// Reading takes microseconds, is the same on every machine to the byte, keeps nothing of the
/// text, and may happen on any number of threads at once. What the model knows and where it fails
/// stands in Sources/TextModel/MODEL.md.
package final class TextModel: Sendable {
    /// SHA-256 of the model, in hexadecimal digits: the same digest means the same readings.
    package let digest: String
    /// The closed list; a `TopicID` is a place in it.
    package let topics: [Topic]

    private let core: TextCore
    private let limits: TextLimits
    private let topicsByName: [String: TopicID]

    /// The model that is compiled into the program, checked against its digest (milliseconds).
    package static func embedded() throws(TextModelError) -> TextModel {
        try TextModel()
    }

    private init() throws(TextModelError) {
        let (bundle, names, limits) = try TextCore.withEmbeddedBundle {
            bytes throws(TextModelError) -> (TextBundle, [String], TextLimits) in
            let bundle = try TextBundle(bytes)
            let limits = TextLimits(bytes, at: bundle[.limits].lowerBound)
            return (bundle, try Self.readNames(bytes, at: bundle[.topicNames]), limits)
        }
        let core = try TextCore(embedded: bundle)
        guard names.count * TextCore.dimension == bundle[.topicRows].count else {
            throw .section("TOPICS")
        }
        digest = bundle.digest
        topics = names.indices.map { Topic(name: names[$0], row: core.topicRow($0)) }
        topicsByName = Dictionary(
            names.enumerated().map { ($1, TopicID(rawValue: UInt16($0))) },
            uniquingKeysWith: { first, _ in first })
        self.limits = limits
        self.core = core
    }

    /// The topic with exactly this name.
    package func topicNamed(_ name: String) -> TopicID? { topicsByName[name] }

    /// The direction of a text of at most `Limits.textBytesMax` bytes.
    package func embed(_ text: Span<UInt8>) -> TextRow { core.pass(over: text).row }

    /// What a message or a request's context says. `text` is UTF-8; other bytes are passed over.
    package func read(_ message: Span<UInt8>) -> TextReading {
        guard message.count <= Limits.textBytesMax else {
            return TextReading(language: .tooLong, sensitive: nil, topics: [])
        }
        let pass = core.pass(over: message)
        return TextReading(
            language: LanguageGate(limits: limits).verdict(pass.counts),
            sensitive: Self.label(pass), topics: closestTopics(to: pass.row))
    }

    /// What an item's text says, by the same path as a message.
    package func readItem(_ text: Span<UInt8>) -> ItemReading {
        guard text.count <= Limits.textBytesMax else {
            return ItemReading(language: .tooLong, sensitive: nil, row: .zero)
        }
        let pass = core.pass(over: text)
        return ItemReading(
            language: LanguageGate(limits: limits).verdict(pass.counts),
            sensitive: Self.label(pass), row: pass.row)
    }

    func tokens(of text: Span<UInt8>) -> [UInt16] { core.tokens(of: text) }

    private static func label(_ pass: TextCore.Pass) -> SensitiveLabel? {
        SensitiveLabel(rawValue: UInt8(truncatingIfNeeded: pass.label))
    }

    /// The topics past the threshold, closest first; equals keep the order of the list.
    private func closestTopics(to row: TextRow) -> [TopicWeight] {
        var best: [(topic: Int, dot: Int32)] = []
        core.forEachTopic(against: row) { topic, dot in
            guard dot >= limits.topicDotMin else { return }
            let place = best.firstIndex { $0.dot < dot } ?? best.count
            guard place < Limits.chatTopicsMax else { return }
            best.insert((topic, dot), at: place)
            if best.count > Limits.chatTopicsMax { best.removeLast() }
        }
        return best.map {
            TopicWeight(topic: TopicID(rawValue: UInt16($0.topic)), weight: Self.weight($0.dot))
        }
    }

    /// The cosine in units of 1/255, rounded.
    private static func weight(_ dot: Int32) -> UInt8 {
        UInt8(clamping: (Int(dot) * 255 + 16_129 / 2) / 16_129)
    }

    /// u32 count, u32 starts[count + 1], bytes.
    private static func readNames(
        _ bytes: RawSpan, at section: Range<Int>
    ) throws(TextModelError) -> [String] {
        func number(_ index: Int) -> Int {
            let value: UInt32 = TextBundle.number(in: bytes, at: section.lowerBound + index * 4)
            return Int(value)
        }
        guard section.count >= 8, number(0) * 4 + 8 <= section.count else {
            throw .section("TOPICS")
        }
        let count = number(0)
        let text = section.lowerBound + (count + 2) * 4
        guard text + number(count + 1) == section.upperBound else { throw .section("TOPICS") }
        return (0..<count).map { index in
            TextBundle.text(
                in: bytes, at: text + number(index + 1)..<text + number(index + 2))
        }
    }
}
