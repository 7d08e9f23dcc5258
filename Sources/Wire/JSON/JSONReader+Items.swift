import Domain

/// Items as JSON: the fields of `ITEM.GET`, and vectors.
extension JSONReader {
    /// `ITEM.ADD`.
    ///
    /// - Parameter id: The item's, from outside the text; without it the text has a field `id`.
    package mutating func item(_ id: ItemID? = nil) throws(JSONError) -> ItemDraft {
        var fields = ItemFields()
        try object { (field, reader) throws(JSONError) in
            if field == "id", id == nil {
                fields.id = try reader.string(ItemID.init(bytes:))
                return true
            }
            return try fields.read(field, &reader)
        }
        guard let id = id ?? fields.id else { throw missing("id") }
        guard let kind = fields.kind else { throw missing("kind") }
        return fields.draft(id: id, kind: kind)
    }
}

private struct ItemFields {
    var id: ItemID?
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

    mutating func read(_ field: String, _ reader: inout JSONReader) throws(JSONError) -> Bool {
        switch field {
        case "kind": kind = try reader.string(Kind.init(bytes:))
        case "text": text = try reader.text()
        case "vectors":
            try reader.entries({ (name) throws(DomainError) in try Space(bytes: name.utf8.span) }) {
                (space, reader) throws(JSONError) in
                vectors.append(try reader.vector(of: space))
            }
        case "signal_vector": signalVector = try reader.vector(of: .taste)
        case "author": author = try reader.string(AuthorID.init(bytes:))
        case "bid": bidMicros = try reader.integer(in: 0...Limits.bidMicrosMax)
        case "prior": prior = try reader.probability()
        case "topics":
            topics = try reader.list(of: "topics", limit: Limits.itemTopicsMax) {
                (name) throws(DomainError) in try name.topic()
            }
        case "created": created = try reader.time()
        case "expires": expires = try reader.time()
        case "regions":
            regions = try reader.list(
                of: "regions", limit: Limits.itemRegionsMax, Region.init(bytes:))
        case "languages":
            languages = try reader.list(
                of: "languages", limit: Limits.itemLanguagesMax, Language.init(bytes:))
        default: return false
        }
        return true
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
        return draft
    }
}
