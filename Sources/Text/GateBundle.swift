/// The sensitive gate's bundle: its sections and its thresholds. Shapes of the network are checked by
/// the core when it is made of them.
struct GateBundle: Equatable, Sendable {
    static let magic = "CAIRNGAT"
    static let version: UInt32 = 1

    /// Tags as tools/distill writes them.
    enum Section: String, CaseIterable {
        case shape = "SHAPE"
        case words = "WORDS"
        case wordScales = "WORDSCAL"
        case positions = "POSITION"
        case matrices = "MATRICES"
        case floats = "FLOATS"
        case heads = "HEADS"
        case topicNames = "TOPICS"
        case topicRows = "TOPICROW"
        case verdict = "VERDICT"
    }

    private let container: ModelContainer
    let limits: GateLimits
    /// The topics in whose space the gate sees a message, in the order of their rows.
    let topicNames: [String]

    /// Refuses bytes that are not a whole, undamaged bundle of this version.
    init(_ bytes: RawSpan) throws(TextModelError) {
        container = try ModelContainer(
            bytes, magic: Self.magic, version: Self.version,
            sections: Section.allCases.map(\.rawValue))
        guard container[Section.verdict.rawValue].count == GateLimits.bytesCount else {
            throw .section("VERDICT")
        }
        limits = GateLimits(bytes, at: container[Section.verdict.rawValue].lowerBound)
        topicNames = try container.names(in: bytes, section: Section.topicNames.rawValue)
        guard self[.topicRows].count == topicNames.count * TextCore.dimension else {
            throw .section("TOPICROW")
        }
    }

    /// SHA-256 of everything behind the header.
    var digest: String { container.digest }

    subscript(section: Section) -> Range<Int> { container[section.rawValue] }
}

/// What turns the network's numbers into a verdict; tools/distill/calibrate.py says how it was chosen.
struct GateLimits: Equatable, Sendable {
    /// The tokens that begin and end a text.
    let begin: UInt16
    let end: UInt16
    /// A text is sensitive from these odds (all sensitive categories against none) on.
    let oddsMin: Double
    /// What a term of the lexicon adds to the logit of its category.
    let termLogit: Double
    /// What is taken off the odds, as a logit, of a sentence that is torn out of a longer message: by
    /// itself it may mean much that it does not mean there.
    let sentenceLogit: Double
    /// A text is about a topic from this dot product on, in units of 127 x 127.
    let topicDotMin: Int32

    static let bytesCount = 24

    init(_ bytes: RawSpan, at offset: Int) {
        func number(_ index: Int) -> UInt32 {
            ModelContainer.number(in: bytes, at: offset + 4 * index)
        }
        begin = UInt16(truncatingIfNeeded: number(0))
        end = UInt16(truncatingIfNeeded: number(1))
        oddsMin = Double(Float(bitPattern: number(2)))
        termLogit = Double(Float(bitPattern: number(3)))
        sentenceLogit = Double(Float(bitPattern: number(4)))
        topicDotMin = Int32(bitPattern: number(5))
    }
}
