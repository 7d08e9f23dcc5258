import Domain
import Policy

/// A text that goes on around a request, where it must pass the walls of a chat.
extension MessageReading {
    /// The text's topics as a context, or none of them and the gate that kept it out.
    package func context(
        under policy: PolicyTable
    ) -> (context: RankRequest.Context, gate: Gate?) {
        let gate = policy.textGate(
            language: language, sensitive: sensitive, isJudged: isJudged,
            hasTopic: !topics.isEmpty)
        var weights = InlineArray<3, TopicWeight>(
            repeating: TopicWeight(topic: TopicID(rawValue: 0), weight: 0))
        guard gate == nil else { return (.topics(weights, count: 0), gate) }
        let count = min(topics.count, Limits.chatTopicsMax)
        for index in 0..<count { weights[index] = topics[index] }
        return (.topics(weights, count: count), nil)
    }
}
