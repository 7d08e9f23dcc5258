/// The text model's bundle: its sections, and the shapes that they must have for the core to trust
/// them. What they mean is `TextCore`'s and `TextModel`'s.
struct TextBundle: Equatable, Sendable {
    static let magic = "CAIRNTXT"
    static let version: UInt32 = 1

    /// Tags as tools/distill writes them.
    enum Section: String, CaseIterable {
        case vocabulary = "VOCAB"
        case rows = "ROWS"
        case weights = "WEIGHTS"
        case fold = "FOLD"
        case topicNames = "TOPICS"
        case topicRows = "TOPICROW"
        case lexicon = "LEXICON"
        case foreignOdds = "FOREIGN"
        case limits = "LIMITS"
    }

    private let container: ModelContainer

    /// Refuses bytes that are not a whole, undamaged bundle of this version.
    init(_ bytes: RawSpan) throws(TextModelError) {
        container = try ModelContainer(
            bytes, magic: Self.magic, version: Self.version,
            sections: Section.allCases.map(\.rawValue))
        try checkShapes()
    }

    /// SHA-256 of everything behind the header.
    var digest: String { container.digest }

    subscript(section: Section) -> Range<Int> { container[section.rawValue] }

    func topicNames(in bytes: RawSpan) throws(TextModelError) -> [String] {
        try container.names(in: bytes, section: Section.topicNames.rawValue)
    }

    /// Sizes that must agree before the core may read without looking.
    private func checkShapes() throws(TextModelError) {
        let tokensCount = self[.foreignOdds].count
        guard self[.weights].count == tokensCount * 4 else { throw .section("WEIGHTS") }
        guard self[.rows].count == tokensCount * TextCore.dimension else { throw .section("ROWS") }
        guard self[.topicRows].count % TextCore.dimension == 0 else { throw .section("TOPICROW") }
        guard self[.limits].count == TextLimits.bytesCount else { throw .section("LIMITS") }
    }
}
