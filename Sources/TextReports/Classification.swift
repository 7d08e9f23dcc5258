import Domain
import Text

/// What the models make of one message, in words: a line of `cairn text classify`.
package struct Classification: Encodable {
    package struct TopicScore: Encodable {
        package let name: String
        /// The cosine of the message with the topic, 0 to 1.
        package let cosine: Double
    }

    /// Whether a lane may use the message, and the gate that keeps it out.
    package struct Use: Encodable {
        package let used: Bool
        package let why: String
    }

    /// known, unknown, too-short or too-long.
    package let language: String
    /// The probability of each sensitive category, the largest over the text's parts; empty when
    /// nothing judged the text.
    package let scores: [String: Double]
    /// The probability of any of them, likewise; 1 when nothing judged the text.
    package let score: Double
    package let sensitive: Bool
    /// The likeliest category of a sensitive text.
    package let category: String?
    package let topics: [TopicScore]
    package let ads: Use
    package let content: Use

    package init(_ text: String, reader: MessageReader, model: TextModel) {
        let reading = reader.read(text.utf8.span)
        let judgement = reading.judgement
        language = reading.language.word
        scores = Dictionary(
            (judgement?.probabilities ?? [:]).map { ($0.word, $1) }, uniquingKeysWith: { $1 })
        // What nothing could judge counts as sensitive.
        score = judgement?.probability ?? 1
        sensitive = judgement.map { $0.sensitive != nil } ?? true
        category = judgement?.sensitive?.word
        topics = (judgement?.topics ?? []).map {
            TopicScore(
                name: model.topics[Int($0.topic.rawValue)].name, cosine: Double($0.weight) / 255)
        }
        let why = Self.gate(reading)
        ads = Use(used: why == nil, why: why ?? "everyday topic")
        // Content asks for the same: a click on what a sensitive chat brought up would launder it.
        content = ads
    }

    /// The first gate of those that look at the text, in the policy's order.
    private static func gate(_ reading: TextReading) -> String? {
        if !reading.isKnown { return "language" }
        guard let judgement = reading.judgement, judgement.sensitive == nil else {
            return "sensitive"
        }
        return judgement.topics.isEmpty ? "no-topic" : nil
    }
}

extension LanguageVerdict {
    package var word: String {
        switch self {
        case .known: "known"
        case .unknown: "unknown"
        case .tooShort: "too-short"
        case .tooLong: "too-long"
        }
    }
}
