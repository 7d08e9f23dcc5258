import Domain
import Engine
import Policy
import Text

/// The text model's answers in the engine's words.
extension TextModel {
    /// All that is left of a message.
    func reading(of text: String) -> MessageReading {
        let reading = read(text.utf8.span)
        return MessageReading(
            language: reading.isKnown ? .known : .unclear, sensitive: reading.sensitive,
            topics: reading.topics)
    }

    /// A context text on the ads lane: its topics, or nothing when it would not pass the gates.
    func topicsContext(of text: Span<UInt8>) -> RankRequest.Context {
        let reading = read(text)
        var weights = InlineArray<3, TopicWeight>(
            repeating: TopicWeight(topic: TopicID(rawValue: 0), weight: 0))
        guard reading.isKnown, reading.sensitive == nil else { return .topics(weights, count: 0) }
        let count = min(reading.topics.count, Limits.chatTopicsMax)
        for index in 0..<count { weights[index] = reading.topics[index] }
        return .topics(weights, count: count)
    }
}
