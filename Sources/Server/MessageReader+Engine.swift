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

    /// A context text where it must pass the walls of a chat: its topics, or none of them and the
    /// gate that kept it out.
    func topicsContext(
        of text: Span<UInt8>, policy: PolicyTable
    ) -> (context: RankRequest.Context, gate: Gate?) {
        let reading = read(text)
        let topics = reading.judgement?.topics ?? []
        let gate = policy.textGate(
            language: reading.isKnown ? .known : .unclear, sensitive: reading.judgement?.sensitive,
            isJudged: reading.judgement != nil, hasTopic: !topics.isEmpty)
        var weights = InlineArray<3, TopicWeight>(
            repeating: TopicWeight(topic: TopicID(rawValue: 0), weight: 0))
        guard gate == nil else { return (.topics(weights, count: 0), gate) }
        let count = min(topics.count, Limits.chatTopicsMax)
        for index in 0..<count { weights[index] = topics[index] }
        return (.topics(weights, count: count), nil)
    }
}
