import Domain

/// `USER.SET`, `SIGNAL`, `SUPPRESS` and `UNSUPPRESS`.
extension CommandParser {
    static func userSet(_ arguments: CommandArguments) throws(CommandError) -> UserChange {
        var change = UserChange(user: try identifier("user", .userSet, arguments, at: 1))
        var reader = OptionReader(.userSet, arguments, from: 2)
        while let option = try reader.next() {
            switch option {
            case .region: change.region = try reader.value(Region.init(bytes:))
            case .notice: change.notice = try reader.value(Timestamp.init(bytes:))
            case .links:
                change.links = try reader.value { (bytes) throws(DomainError) in
                    try bytes.list(
                        of: "products", limit: Limits.productsMax, Product.init(bytes:))
                }
            case .lang: change.language = try reader.value(Language.init(bytes:))
            case .at: change.at = try reader.value(Timestamp.init(bytes:))
            default: throw reader.refusal()
            }
        }
        return change
    }

    /// The user and the topic of `SUPPRESS user TOPIC topic` and its opposite.
    static func topicOfUser(
        _ command: CommandName, _ arguments: CommandArguments
    ) throws(CommandError) -> (UserID, String) {
        let user: UserID = try identifier("user", command, arguments, at: 1)
        var reader = OptionReader(command, arguments, from: 2)
        var topic: String?
        while let option = try reader.next() {
            guard option == .topic else { throw reader.refusal() }
            topic = try reader.value { (bytes) throws(DomainError) in try bytes.topic() }
        }
        guard let topic else { throw reader.missing("TOPIC") }
        return (user, topic)
    }

    static func signal(_ arguments: CommandArguments) throws(CommandError) -> SignalDraft {
        let user: UserID = try identifier("user", .signal, arguments, at: 1)
        let type: SignalType
        do { type = try SignalType(arguments[2].excerpt) } catch {
            throw .invalid(what: "type", of: .signal, reason: error.message)
        }
        var reader = OptionReader(.signal, arguments, from: 3)
        var options = SignalOptions()
        while let option = try reader.next() { try options.read(option, &reader) }
        guard let about = options.about else {
            throw reader.missing("ITEM, TEXT, TOPIC or VECTOR")
        }
        return options.draft(user: user, type: type, about: about)
    }
}

/// Gathers the options of `SIGNAL`.
private struct SignalOptions {
    private(set) var about: SignalDraft.About?
    private var at: Timestamp?
    private var event: EventID?
    private var modality: Modality?
    private var product: Product?
    private var label: SignalDraft.Label?

    mutating func read(_ option: OptionWord, _ reader: inout OptionReader) throws(CommandError) {
        switch option {
        case .item:
            try set(.item(try reader.value(ItemID.init(bytes:))), &reader)
        case .text:
            let text = try reader.value { (bytes) throws(DomainError) in try bytes.text() }
            try set(.text(text), &reader)
        case .topic:
            let topic = try reader.value { (bytes) throws(DomainError) in try bytes.topic() }
            try set(.topic(topic), &reader)
        case .vector:
            try reader.once()
            try set(.vector(try reader.takeVector()), &reader)
        case .at: at = try reader.value(Timestamp.init(bytes:))
        case .id: event = try reader.value(EventID.init(bytes:))
        case .modality:
            modality = try reader.value { (bytes) throws(DomainError) in
                try Modality(bytes.excerpt)
            }
        case .product: product = try reader.value(Product.init(bytes:))
        case .sensitive:
            label = try reader.value { (bytes) throws(DomainError) in
                bytes.matchesIgnoringCase("none")
                    ? SignalDraft.Label.none : .sensitive(try SensitiveLabel(bytes.excerpt))
            }
        default: throw reader.refusal()
        }
    }

    private mutating func set(
        _ new: SignalDraft.About, _ reader: inout OptionReader
    ) throws(CommandError) {
        guard about == nil else {
            throw reader.invalid("only one of ITEM, TEXT, TOPIC and VECTOR may be given")
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
