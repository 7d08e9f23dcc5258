extension PolicyTable {
    /// The first gate that keeps out a signal that is no chat.
    ///
    /// What a user did is not chat, so region, date, notice and link do not apply; text that comes
    /// with it passes the same walls as a chat's.
    public func behaviourGate(for signal: ChatFacts) -> Gate? {
        if signal.isDuplicate { return .duplicate }
        return textGate(
            language: signal.language, sensitive: signal.sensitive, isJudged: signal.isJudged,
            hasTopic: signal.hasTopic)
    }
}
