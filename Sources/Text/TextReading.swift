import Domain

/// Whether a text is in a language that the model reads.
package enum LanguageVerdict: Equatable, Sendable {
    case known
    /// Another script, too many unknown words, or words of another language.
    case unknown
    /// Fewer than two words that the model knows.
    case tooShort
    /// More than `Limits.textBytesMax` bytes; nothing else was looked at.
    case tooLong
}

/// What a message said, as far as anyone may learn it. Neither its words nor its row are in here.
///
/// Topics and the absence of a label mean something only when the language is known.
package struct TextReading: Equatable, Sendable {
    package let language: LanguageVerdict
    package let sensitive: SensitiveLabel?
    /// The closest topics, closest first, at most `Limits.chatTopicsMax`.
    package let topics: [TopicWeight]

    package var isKnown: Bool { language == .known }
}

/// What an item's text says. An item's row is kept, since items are public; a message's is not.
package struct ItemReading: Equatable, Sendable {
    package let language: LanguageVerdict
    package let sensitive: SensitiveLabel?
    package let row: TextRow
}
