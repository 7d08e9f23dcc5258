import Domain
import Engine
import Policy
import Text

/// The text models' answers in the engine's words.
extension MessageReader {
    /// All that is left of a message.
    func reading(of text: String) -> MessageReading {
        let reading = read(text.utf8.span)
        let language: ChatFacts.LanguageVerdict = reading.isKnown ? .known : .unclear
        guard let judgement = reading.judgement else { return .unjudged(language: language) }
        return MessageReading(
            language: language, sensitive: judgement.sensitive, topics: judgement.topics)
    }

    /// A context text on the ads lane: its topics, or nothing when it would not pass the gates.
    func topicsContext(of text: Span<UInt8>) -> RankRequest.Context {
        let reading = read(text)
        var weights = InlineArray<3, TopicWeight>(
            repeating: TopicWeight(topic: TopicID(rawValue: 0), weight: 0))
        guard reading.isKnown, let judgement = reading.judgement, judgement.sensitive == nil else {
            return .topics(weights, count: 0)
        }
        let count = min(judgement.topics.count, Limits.chatTopicsMax)
        for index in 0..<count { weights[index] = judgement.topics[index] }
        return .topics(weights, count: count)
    }
}
