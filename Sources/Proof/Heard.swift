import Domain
import Engine
import Policy

/// What the text models left of a message, in the proof's own words: the oracle reads no others.
struct Heard: Sendable {
    let isKnownLanguage: Bool
    let sensitive: SensitiveLabel?
    let isJudged: Bool
    /// Those that weigh something.
    let topics: [TopicWeight]

    init(_ reading: MessageReading) {
        isKnownLanguage = reading.language == .known
        sensitive = reading.sensitive
        isJudged = reading.isJudged
        topics = reading.topics.filter { $0.weight > 0 }
    }
}
