import Domain

/// `ITEM.ADD` and `ITEM.DEL`.
extension CommandParser {
    static func itemAdd(_ arguments: CommandArguments) throws(CommandError) -> ItemDraft {
        let id: ItemID = try identifier("id", .itemAdd, arguments, at: 1)
        var reader = OptionReader(.itemAdd, arguments, from: 2)
        var options = ItemOptions()
        while let option = try reader.next() { try options.read(option, &reader) }
        guard let kind = options.kind else { throw reader.missing("KIND") }
        let draft = options.draft(id: id, kind: kind)
        do { try draft.check() } catch {
            throw .invalid(what: "item", of: .itemAdd, reason: error.message)
        }
        return draft
    }

    static func itemDelete(_ arguments: CommandArguments) throws(CommandError) -> [ItemID] {
        var ids: [ItemID] = []
        ids.reserveCapacity(arguments.count - 1)
        for index in 1..<arguments.count {
            ids.append(try identifier("id", .itemDelete, arguments, at: index))
        }
        return ids
    }
}

/// Gathers the options of `ITEM.ADD`.
private struct ItemOptions {
    private(set) var kind: Kind?
    private var text: String?
    private var vectors: [SpaceVector] = []
    private var signalVector: SpaceVector?
    private var author: AuthorID?
    private var bidMicros: Int64?
    private var prior: Double?
    private var topics: [String] = []
    private var created: Timestamp?
    private var expires: Timestamp?
    private var regions: [Region] = []
    private var languages: [Language] = []
    private var declaration = AdDeclaration()

    mutating func read(_ option: OptionWord, _ reader: inout OptionReader) throws(CommandError) {
        switch option {
        case .kind: kind = try reader.value(Kind.init(bytes:))
        case .text: text = try reader.value { (bytes) throws(DomainError) in try bytes.text() }
        case .vector: try readVector(&reader)
        case .signalVector: try readSignalVector(&reader)
        case .author: author = try reader.value(AuthorID.init(bytes:))
        case .bid:
            bidMicros = try reader.value { (bytes) throws(DomainError) in
                try Int64(decimal: bytes, in: 0...Limits.bidMicrosMax)
            }
        case .prior:
            prior = try reader.value { (bytes) throws(DomainError) in try bytes.probability() }
        case .topics:
            topics = try reader.value { (bytes) throws(DomainError) in
                try bytes.list(of: "topics", limit: Limits.itemTopicsMax) {
                    (name) throws(DomainError) in try name.topic()
                }
            }
        case .created: created = try reader.value(Timestamp.init(bytes:))
        case .expires: expires = try reader.value(Timestamp.init(bytes:))
        case .regions:
            regions = try reader.value { (bytes) throws(DomainError) in
                try bytes.list(
                    of: "regions", limit: Limits.itemRegionsMax, Region.init(bytes:))
            }
        case .langs:
            languages = try reader.value { (bytes) throws(DomainError) in
                try bytes.list(
                    of: "languages", limit: Limits.itemLanguagesMax, Language.init(bytes:))
            }
        default: try readDeclaration(option, &reader)
        }
    }

    /// What an ad says of itself to exchanges.
    private mutating func readDeclaration(
        _ option: OptionWord, _ reader: inout OptionReader
    ) throws(CommandError) {
        switch option {
        case .advertiserDomain:
            declaration.domains = try reader.value { (bytes) throws(DomainError) in
                try bytes.list(
                    of: "domains", limit: Limits.itemDomainsMax, AdDeclaration.domain(_:))
            }
        case .category:
            declaration.categories = try reader.value { (bytes) throws(DomainError) in
                try bytes.list(
                    of: "categories", limit: Limits.itemCategoriesMax, AdDeclaration.category(_:))
            }
        case .categoryTaxonomy:
            declaration.taxonomy = try reader.value { (bytes) throws(DomainError) in
                let taxonomies = AdDeclaration.taxonomies
                return Int(
                    try Int64(
                        decimal: bytes,
                        in: Int64(taxonomies.lowerBound)...Int64(taxonomies.upperBound)))
            }
        case .creative: declaration.creative = try reader.value(CreativeID.init(bytes:))
        default: throw reader.refusal()
        }
    }

    /// One vector a space.
    private mutating func readVector(_ reader: inout OptionReader) throws(CommandError) {
        let vector = try reader.takeVector()
        guard !vectors.contains(where: { $0.space == vector.space }) else {
            throw reader.duplicate(vector.space.rawValue)
        }
        vectors.append(vector)
    }

    private mutating func readSignalVector(_ reader: inout OptionReader) throws(CommandError) {
        try reader.once()
        let vector = try reader.takeVector()
        guard vector.space == .taste else {
            throw reader.invalid("only the taste space has signal vectors")
        }
        signalVector = vector
    }

    func draft(id: ItemID, kind: Kind) -> ItemDraft {
        var draft = ItemDraft(id: id, kind: kind)
        draft.text = text
        draft.vectors = vectors
        draft.signalVector = signalVector
        draft.author = author
        draft.bidMicros = bidMicros
        draft.prior = prior
        draft.topics = topics
        draft.created = created
        draft.expires = expires
        draft.regions = regions
        draft.languages = languages
        draft.declaration = declaration
        return draft
    }
}

extension OptionReader {
    /// A space and its little-endian floats.
    @_lifetime(self: copy self)
    mutating func takeVector() throws(CommandError) -> SpaceVector {
        let space = try take(Space.init(bytes:))
        return try take { (bytes) throws(DomainError) in
            try SpaceVector(space: space, littleEndian: bytes)
        }
    }
}
