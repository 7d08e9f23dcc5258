import Domain
import Engine
import Policy
import Text

/// The text models' answers in the engine's words.
extension MessageReader {
    /// All that is left of a message.
    func reading(of text: String) -> MessageReading { reading(of: text.utf8.span) }

    package func reading(of text: Span<UInt8>) -> MessageReading {
        let reading = read(text)
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
        reading(of: text).context(under: policy)
    }
}
