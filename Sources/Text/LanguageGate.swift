import Domain

/// Judges from counts alone whether a text can be read; fails closed.
struct LanguageGate: Equatable, Sendable {
    let limits: TextLimits

    private static let knownWordsMin = 2

    func verdict(_ counts: TextCounts) -> LanguageVerdict {
        if counts.lettersOutsideLatin * 100 > counts.letters * limits.outsideLatinPercentMax {
            return .unknown
        }
        if counts.unknownWords * 100 > counts.words * limits.unknownPercentMax { return .unknown }
        if counts.words - counts.unknownWords < Self.knownWordsMin { return .tooShort }
        if counts.foreignOdds >= limits.foreignOddsMin * Int32(counts.tokens) { return .unknown }
        return .known
    }
}

/// What a text is made of. Words are those with a letter.
struct TextCounts: Equatable, Sendable {
    var tokens: UInt32
    var words: UInt32
    var unknownWords: UInt32
    var letters: UInt32
    var lettersOutsideLatin: UInt32
    /// The sum of the tokens' log-odds of being foreign.
    var foreignOdds: Int32
}
