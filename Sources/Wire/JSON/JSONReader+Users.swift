import Domain

/// What users are and do, as JSON.
extension JSONReader {
    /// `USER.SET`: what is left out stays as it is.
    package mutating func userChange(of user: UserID) throws(JSONError) -> UserChange {
        var change = UserChange(user: user)
        try object { (field, reader) throws(JSONError) in
            switch field {
            case "region": change.region = try reader.string(Region.init(bytes:))
            case "notice": change.notice = try reader.time()
            case "links":
                change.links = try reader.list(
                    of: "products", limit: Limits.productsMax, Product.init(bytes:))
            case "language": change.language = try reader.string(Language.init(bytes:))
            case "at": change.at = try reader.time()
            default: return false
            }
            return true
        }
        return change
    }

    /// `SIGNAL`.
    package mutating func signal(of user: UserID) throws(JSONError) -> SignalDraft {
        var fields = SignalFields()
        try object { (field, reader) throws(JSONError) in try fields.read(field, &reader) }
        guard let type = fields.type else { throw missing("type") }
        guard let about = fields.about else {
            throw shape("expected one of the fields item, text, topic and vector")
        }
        return fields.draft(user: user, type: type, about: about)
    }
}

private struct SignalFields {
    private(set) var type: SignalType?
    private(set) var about: SignalDraft.About?
    private var at: Timestamp?
    private var event: EventID?
    private var modality: Modality?
    private var product: Product?
    private var label: SignalDraft.Label?

    mutating func read(_ field: String, _ reader: inout JSONReader) throws(JSONError) -> Bool {
        switch field {
        case "type":
            type = try reader.string { (bytes) throws(DomainError) in
                try SignalType(bytes.excerpt)
            }
        case "item": try set(.item(try reader.string(ItemID.init(bytes:))), reader)
        case "text": try set(.text(try reader.text()), reader)
        case "topic": try set(.topic(try reader.topic()), reader)
        case "vector": try set(.vector(try reader.vector()), reader)
        case "at": at = try reader.time()
        case "id": event = try reader.string(EventID.init(bytes:))
        case "modality":
            modality = try reader.string { (bytes) throws(DomainError) in
                try Modality(bytes.excerpt)
            }
        case "product": product = try reader.string(Product.init(bytes:))
        case "sensitive":
            label = try reader.string { (bytes) throws(DomainError) in
                bytes.matchesIgnoringCase("none")
                    ? SignalDraft.Label.none : .sensitive(try SensitiveLabel(bytes.excerpt))
            }
        default: return false
        }
        return true
    }

    private mutating func set(
        _ new: SignalDraft.About, _ reader: JSONReader
    ) throws(JSONError) {
        guard about == nil else {
            throw reader.shape("only one of item, text, topic and vector may be given")
        }
        about = new
    }

    func draft(user: UserID, type: SignalType, about: SignalDraft.About) -> SignalDraft {
        var draft = SignalDraft(user: user, type: type, about: about)
        draft.at = at
        draft.event = event
        draft.modality = modality ?? .text
        draft.product = product
        draft.label = label
        return draft
    }
}
