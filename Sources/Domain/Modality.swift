/// How a signal was given: typed, or spoken and transcribed. Both are treated alike.
public enum Modality: String, Sendable, CaseIterable {
    case text, voice

    public init(_ text: String) throws(DomainError) {
        guard let modality = Modality(rawValue: text.lowercased()) else { throw .modality(text) }
        self = modality
    }
}
