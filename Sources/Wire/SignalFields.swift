import Domain

/// Gathers what a signal says, for `SIGNAL` and its JSON form. User and type stand elsewhere.
struct SignalFields {
    private(set) var about: SignalDraft.About?
    private var at: Timestamp?
    private var event: EventID?
    private var modality: Modality?
    private var product: Product?
    private var label: SignalDraft.Label?

    /// The fields but for the vector, as JSON names them.
    enum Field: String {
        case item, text, topic, at, id, modality, product, sensitive

        /// The field that an option of `SIGNAL` gives, if any.
        init?(_ option: OptionWord) {
            switch option {
            case .item: self = .item
            case .text: self = .text
            case .topic: self = .topic
            case .at: self = .at
            case .id: self = .id
            case .modality: self = .modality
            case .product: self = .product
            case .sensitive: self = .sensitive
            default: return nil
            }
        }
    }

    mutating func read<Source: FieldSource & ~Escapable>(
        _ field: Field, from source: inout Source
    ) throws(Source.Failure) {
        switch field {
        case .item: try set(.item(try source.string(ItemID.init(bytes:))), source)
        case .text: try set(.text(try source.text()), source)
        case .topic: try set(.topic(try source.topic()), source)
        case .at: at = try source.time()
        case .id: event = try source.string(EventID.init(bytes:))
        case .modality:
            modality = try source.string { (bytes) throws(DomainError) in
                try Modality(bytes.excerpt)
            }
        case .product: product = try source.string(Product.init(bytes:))
        case .sensitive:
            label = try source.string { (bytes) throws(DomainError) in
                bytes.matchesIgnoringCase("none")
                    ? SignalDraft.Label.none : .sensitive(try SensitiveLabel(bytes.excerpt))
            }
        }
    }

    /// What the signal is about, as `source` has just said.
    mutating func set<Source: FieldSource & ~Escapable>(
        _ new: SignalDraft.About, _ source: borrowing Source
    ) throws(Source.Failure) {
        guard about == nil else { throw source.secondSubject() }
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
