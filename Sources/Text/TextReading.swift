import Domain

/// Whether a text is in a language that the model reads.
package enum LanguageVerdict: Equatable, Sendable {
    case known
    /// Another script, too many unknown words, or words of another language.
    case unknown
    /// Fewer than two words that the model knows.
    case tooShort
    /// More than `Limits.textBytesMax` bytes or `Limits.judgedTokensMax` tokens.
    case tooLong
}

/// What a message said, as far as anyone may learn it. Neither its words nor its row are in here.
package struct TextReading: Equatable, Sendable {
    package let language: LanguageVerdict
    /// What the gate makes of it; `nil` when it was not asked: there is none, or the text is too long.
    /// It means little unless the language is known.
    package let judgement: Judgement?

    package var isKnown: Bool { language == .known }
}

/// What an item's text says. An item's row is kept, since items are public; a message's is not.
package struct ItemReading: Equatable, Sendable {
    package let language: LanguageVerdict
    package var sensitive: SensitiveLabel?
    package let row: TextRow
}
