import Domain

/// All that the policy may know about a chat when it arrives: no text, no vector.
public struct ChatFacts: Sendable, Equatable {
    /// What the text model makes of the language.
    public enum LanguageVerdict: Sendable, Equatable {
        case known
        /// Unknown, too short to tell, or too long to read.
        case unclear
    }

    /// The same event is held already.
    public var isDuplicate = false
    /// The user's region when it happened.
    public var region: Region
    public var at: Timestamp
    /// When the user was told; `nil` when no notice is recorded.
    public var notice: Timestamp?
    /// Some surface belongs to the chat's product, or to one linked with it.
    public var reachesSurface = true
    public var language: LanguageVerdict = .known
    /// What it is about, if sensitive: from the caller's label or the model, whichever says so.
    public var sensitive: SensitiveLabel?
    /// Something could tell what it is about; what nobody judged counts as sensitive.
    public var isJudged = true
    /// It became at least one topic of the closed list.
    public var hasTopic = true

    public init(region: Region, at: Timestamp) {
        self.region = region
        self.at = at
    }
}

extension PolicyTable {
    /// The first gate that keeps the chat out, in the announced order; `nil` when it may be used.
    public func gate(for chat: ChatFacts) -> Gate? {
        if chat.isDuplicate { return .duplicate }
        if excludes(chat.region) { return .region }
        if chat.at < effective { return .effective }
        guard let notice = chat.notice, notice <= chat.at else { return .notice }
        if !chat.reachesSurface { return .link }
        return textGate(
            language: chat.language, sensitive: chat.sensitive, isJudged: chat.isJudged,
            hasTopic: chat.hasTopic)
    }

    /// The first gate that keeps a text out, by whatever way it came in: what cannot be told counts
    /// as sensitive, and what is neither must be about something of the closed list.
    public func textGate(
        language: ChatFacts.LanguageVerdict, sensitive: SensitiveLabel?, isJudged: Bool,
        hasTopic: Bool
    ) -> Gate? {
        if language == .unclear { return .language }
        if sensitive != nil || !isJudged { return .sensitive }
        return hasTopic ? nil : .noTopic
    }
}
