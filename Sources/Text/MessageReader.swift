import Domain

/// Reads messages with the text model and the sensitive gate: language, sensitive categories, topics.
///
/// One for each thread, not to be shared. Takes milliseconds, keeps nothing of a text, and gives the
/// same verdict on every machine. Without a gate nothing is told about what a message is about, so it
/// cannot be used.
package final class MessageReader {
    private let model: TextModel
    /// The gate with this thread's working memory for it.
    private let gate: (shared: SensitiveGate, scratch: GateScratch)?
    /// Tokens of the text in hand; reserved once.
    private var tokens: [UInt16] = []
    private var window: [UInt16] = []

    /// A run sees at most so many tokens between its first and last: as many as in training.
    static let windowTokens = 62
    /// Windows over a longer text overlap, so that each sentence is whole in one of them.
    static let windowStride = 40
    /// A sentence of fewer tokens says nothing by itself.
    static let sentenceTokensMin = 3

    package init(model: TextModel, gate: SensitiveGate?) throws(TextModelError) {
        self.model = model
        self.gate = try gate.map { gate throws(TextModelError) in (gate, try GateScratch()) }
        window.reserveCapacity(Self.windowTokens + 2)
    }

    /// What a message says. `message` is UTF-8; other bytes are passed over.
    package func read(_ message: Span<UInt8>) -> TextReading {
        let language = model.language(of: message)
        guard language != .tooLong else { return TextReading(language: language, judgement: nil) }
        return TextReading(language: language, judgement: judge(message))
    }

    /// What an item's text says, by the same path as a message. Without a gate the lexicon judges.
    package func readItem(_ text: Span<UInt8>) -> ItemReading {
        var reading = model.readItem(text)
        if reading.language != .tooLong, let judgement = judge(text) {
            reading.sensitive = judgement.sensitive
        }
        return reading
    }

    private func judge(_ text: Span<UInt8>) -> Judgement? {
        guard let gate else { return nil }
        var judgement = JudgementBuilder(gate: gate.shared)
        model.tokenise(text, into: &tokens)
        guard tokens.count <= Limits.judgedTokensMax else { return nil }
        look(through: gate.shared, gate.scratch, isSentence: false, into: &judgement)
        for range in Segments.sentences(of: text) {
            let sentence = text.extracting(range)
            model.tokenise(sentence, into: &tokens)
            guard tokens.count >= Self.sentenceTokensMin else { continue }
            look(through: gate.shared, gate.scratch, isSentence: true, into: &judgement)
        }
        return judgement.finish()
    }

    /// Judges what `tokens` holds, window by window.
    private func look(
        through gate: SensitiveGate, _ scratch: GateScratch, isSentence: Bool,
        into judgement: inout JudgementBuilder
    ) {
        let term = model.term(in: tokens.span)
        var start = 0
        while true {
            let end = min(start + Self.windowTokens, tokens.count)
            window.removeAll(keepingCapacity: true)
            window.append(gate.limits.begin)
            window.append(contentsOf: tokens[start..<end])
            window.append(gate.limits.end)
            judgement.add(
                gate.core.run(window.span, scratch: scratch), term: term, isSentence: isSentence)
            if end == tokens.count { return }
            start += Self.windowStride
        }
    }
}
