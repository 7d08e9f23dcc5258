import Domain

/// Gathers what an item is added with, for `ITEM.ADD` and its JSON form.
struct ItemFields {
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

    /// The fields but for vectors, as JSON names them and `ITEM.GET` does.
    enum Field: String {
        case kind, text, author, bid, prior, topics, created, expires, regions, languages
        case domains, categories, taxonomy, creative

        /// The field that an option of `ITEM.ADD` gives, if any.
        init?(_ option: OptionWord) {
            switch option {
            case .kind: self = .kind
            case .text: self = .text
            case .author: self = .author
            case .bid: self = .bid
            case .prior: self = .prior
            case .topics: self = .topics
            case .created: self = .created
            case .expires: self = .expires
            case .regions: self = .regions
            case .langs: self = .languages
            case .advertiserDomain: self = .domains
            case .category: self = .categories
            case .categoryTaxonomy: self = .taxonomy
            case .creative: self = .creative
            default: return nil
            }
        }
    }

    mutating func read<Source: FieldSource & ~Escapable>(
        _ field: Field, from source: inout Source
    ) throws(Source.Failure) {
        switch field {
        case .kind: kind = try source.string(Kind.init(bytes:))
        case .text: text = try source.text()
        case .author: author = try source.string(AuthorID.init(bytes:))
        case .bid: bidMicros = try source.integer(in: 0...Limits.bidMicrosMax)
        case .prior: prior = try source.probability()
        case .topics:
            topics = try source.list(of: "topics", limit: Limits.itemTopicsMax) {
                (name) throws(DomainError) in try name.topic()
            }
        case .created: created = try source.time()
        case .expires: expires = try source.time()
        case .regions:
            regions = try source.list(
                of: "regions", limit: Limits.itemRegionsMax, Region.init(bytes:))
        case .languages:
            languages = try source.list(
                of: "languages", limit: Limits.itemLanguagesMax, Language.init(bytes:))
        case .domains, .categories, .taxonomy, .creative:
            try declaration.read(field, from: &source)
        }
    }

    /// The vector of its space, which there must be none of yet.
    mutating func add(_ vector: SpaceVector) { vectors.append(vector) }

    func hasVector(of space: Space) -> Bool { vectors.contains { $0.space == space } }

    mutating func setSignalVector(_ vector: SpaceVector) { signalVector = vector }

    func draft(id: ItemID, kind: Kind) throws(DomainError) -> ItemDraft {
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
        try draft.check()
        return draft
    }
}

extension AdDeclaration {
    /// What an ad says of itself to exchanges.
    fileprivate mutating func read<Source: FieldSource & ~Escapable>(
        _ field: ItemFields.Field, from source: inout Source
    ) throws(Source.Failure) {
        switch field {
        case .domains:
            domains = try source.list(
                of: "domains", limit: Limits.itemDomainsMax, AdDeclaration.domain(_:))
        case .categories:
            categories = try source.list(
                of: "categories", limit: Limits.itemCategoriesMax, AdDeclaration.category(_:))
        case .taxonomy:
            let range = Int64(Self.taxonomies.lowerBound)...Int64(Self.taxonomies.upperBound)
            taxonomy = Int(try source.integer(in: range))
        case .creative: creative = try source.string(CreativeID.init(bytes:))
        default: preconditionFailure("\(field) is no part of an ad's declaration")
        }
    }
}
