/// The seven kinds of matter that a chat may be about and that never serve ranking.
public enum SensitiveLabel: UInt8, Sendable, CaseIterable {
    case religion = 1
    case sexuality = 2
    case politics = 3
    case health = 4
    case ethnicity = 5
    case philosophy = 6
    case union = 7

    public var word: String {
        switch self {
        case .religion: "religion"
        case .sexuality: "sexuality"
        case .politics: "politics"
        case .health: "health"
        case .ethnicity: "ethnicity"
        case .philosophy: "philosophy"
        case .union: "union"
        }
    }

    public init(_ text: String) throws(DomainError) {
        let lower = text.lowercased()
        guard let label = Self.allCases.first(where: { $0.word == lower }) else {
            throw .sensitiveLabel(text)
        }
        self = label
    }
}
