import Domain

/// Turns text into directions, topics and sensitive labels, with a model that is part of the
/// program.
///
/// Reading takes microseconds, is the same on every machine to the byte, keeps nothing of the
/// text, and may happen on any number of threads at once. What the model knows and where it fails
/// stands in Sources/Text/Models/MODEL.md.
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
            return (bundle, try bundle.topicNames(in: bytes), limits)
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

    /// Whether a message is in a language that the model reads, and not too long.
    func language(of message: Span<UInt8>) -> LanguageVerdict {
        guard message.count <= Limits.textBytesMax else { return .tooLong }
        let counts = core.pass(over: message).counts
        guard counts.tokens <= Limits.judgedTokensMax else { return .tooLong }
        return LanguageGate(limits: limits).verdict(counts)
    }

    /// The topics whose direction a text's row lies near, by the table alone: quick, and rougher than
    /// the gate's.
    package func topics(of text: Span<UInt8>) -> [TopicWeight] {
        let row = core.pass(over: text).row
        var dots = [Int32](repeating: .min, count: topics.count)
        core.forEachTopic(against: row) { dots[$0] = $1 }
        return TopicWeight.closest(dots, from: limits.topicDotMin)
    }

    /// What an item's text says, by the table and the lexicon alone.
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

    /// Replaces what `tokens` holds by the tokens of a text of at most `Limits.textBytesMax` bytes.
    func tokenise(_ text: Span<UInt8>, into tokens: inout [UInt16]) {
        core.tokenise(text, into: &tokens)
    }

    /// The label of the first term of the lexicon among tokens; 0 when there is none.
    func term(in tokens: Span<UInt16>) -> UInt16 { core.term(in: tokens) }

    var tokensCount: Int { core.tokensCount }

    private static func label(_ pass: TextCore.Pass) -> SensitiveLabel? {
        SensitiveLabel(rawValue: UInt8(truncatingIfNeeded: pass.label))
    }
}
