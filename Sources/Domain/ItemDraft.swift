/// An item as a caller describes it: what `ITEM.ADD` carries.
public struct ItemDraft: Sendable, Equatable {
    public let id: ItemID
    public let kind: Kind
    public var text: String?
    /// The item as a candidate, at most one a space. A text vector takes the place of the text's.
    public var vectors: [SpaceVector] = []
    /// What liking the item says about a person; the taste space only, where it defaults to the
    /// candidate vector.
    public var signalVector: SpaceVector?
    public var author: AuthorID?
    /// Micros of a currency per action.
    public var bidMicros: Int64?
    /// Probability of action, from the operator.
    public var prior: Double?
    /// Names of topics of the closed list, which add to the text.
    public var topics: [String] = []
    public var created: Timestamp?
    public var expires: Timestamp?
    /// Where and in which languages it may be shown; empty is everywhere and every language.
    public var regions: [Region] = []
    public var languages: [Language] = []
    /// What an ad says of itself to exchanges.
    public var declaration = AdDeclaration()

    public init(id: ItemID, kind: Kind) {
        self.id = id
        self.kind = kind
    }

    /// Throws when a value lies outside its range or a list is too long.
    public func check() throws(DomainError) {
        if let text, text.utf8.count > Limits.textBytesMax {
            throw .textLength(text.utf8.count)
        }
        if let bidMicros, !(0...Limits.bidMicrosMax).contains(bidMicros) {
            throw .bid(bidMicros)
        }
        if let prior, !(prior > 0 && prior < 1) { throw .probability("\(prior)") }
        if topics.count > Limits.itemTopicsMax {
            throw .tooMany(what: "topics", limit: Limits.itemTopicsMax)
        }
        if regions.count > Limits.itemRegionsMax {
            throw .tooMany(what: "regions", limit: Limits.itemRegionsMax)
        }
        if languages.count > Limits.itemLanguagesMax {
            throw .tooMany(what: "languages", limit: Limits.itemLanguagesMax)
        }
        try declaration.check()
    }
}
