import Domain

/// An item's fields:
///
///     | id | kind | has text: text | has author: author | has bid: count | has prior: double |
///     | topics | has created: time | has expires: time | regions u16 | languages u16 |
///     | sensitive label u8, 0 for none | has text row: 128 x i8 | has taste: values |
///     | has signal: values |
///
/// and, of one that declares something,
///
///     | domains | categories | taxonomy: count | has creative: text |
extension ChangeWriter {
    mutating func item(_ item: ResolvedItem) {
        let draft = item.draft
        text(draft.id.text)
        text(draft.kind.text)
        optional(draft.text) { $0.text($1) }
        optional(draft.author) { $0.text($1.text) }
        optional(draft.bidMicros) { $0.count(UInt64($1)) }
        optional(draft.prior) { $0.double($1) }
        list(draft.topics) { $0.text($1) }
        optional(draft.created) { $0.time($1) }
        optional(draft.expires) { $0.time($1) }
        list(draft.regions) { $0.fixed($1.rawValue) }
        list(draft.languages) { $0.fixed($1.rawValue) }
        byte(item.sensitive?.rawValue ?? 0)
        optional(item.text == .zero ? nil : item.text) { writer, row in
            for index in 0..<Limits.textDimension { writer.byte(UInt8(bitPattern: row[index])) }
        }
        optional(item.taste) { $0.levels($1) }
        optional(item.tasteSignal) { $0.levels($1) }
    }

    mutating func declaration(_ declaration: AdDeclaration) {
        list(declaration.domains) { $0.text($1) }
        list(declaration.categories) { $0.text($1) }
        count(declaration.taxonomy)
        optional(declaration.creative) { $0.text($1.text) }
    }
}

extension ChangeReader {
    mutating func item(isDeclared: Bool) throws(ChangeBytesError) -> ResolvedItem {
        var draft = ItemDraft(id: try name(ItemID.init), kind: try name(Kind.init))
        draft.text = try optional { (reader) throws(ChangeBytesError) in
            try reader.text(upTo: Limits.textBytesMax)
        }
        draft.author = try optional { (reader) throws(ChangeBytesError) in
            try reader.name(AuthorID.init)
        }
        draft.bidMicros = try optional { (reader) throws(ChangeBytesError) in
            Int64(clamping: try reader.number())
        }
        draft.prior = try optional { (reader) throws(ChangeBytesError) in try reader.double() }
        draft.topics = try list(upTo: Limits.itemTopicsMax) { (reader) throws(ChangeBytesError) in
            try reader.text(upTo: Limits.topicBytesMax)
        }
        draft.created = try optional { (reader) throws(ChangeBytesError) in try reader.time() }
        draft.expires = try optional { (reader) throws(ChangeBytesError) in try reader.time() }
        draft.regions = try list(upTo: Limits.itemRegionsMax) {
            (reader) throws(ChangeBytesError) in try reader.code("region")
        }
        draft.languages = try list(upTo: Limits.itemLanguagesMax) {
            (reader) throws(ChangeBytesError) in try reader.code("language")
        }
        let item = draft
        try checked { () throws(DomainError) in try item.check() }
        let label = try byte()
        let sensitive = SensitiveLabel(rawValue: label)
        guard label == 0 || sensitive != nil else { throw .invalid("\(label) is no label") }
        let row = try optional { (reader) throws(ChangeBytesError) in try reader.textRow() }
        let taste = try optional { (reader) throws(ChangeBytesError) in
            try reader.levels(upTo: Limits.tasteDimensionMax)
        }
        let tasteSignal = try optional { (reader) throws(ChangeBytesError) in
            try reader.levels(upTo: Limits.tasteDimensionMax)
        }
        if isDeclared { draft.declaration = try declaration() }
        return ResolvedItem(
            draft: draft, sensitive: sensitive, text: row ?? .zero, taste: taste,
            tasteSignal: tasteSignal)
    }

    private mutating func declaration() throws(ChangeBytesError) -> AdDeclaration {
        var declaration = AdDeclaration()
        declaration.domains = try list(upTo: Limits.itemDomainsMax) {
            (reader) throws(ChangeBytesError) in
            let text = try reader.text(upTo: Limits.domainBytesMax)
            return try reader.checked { () throws(DomainError) in
                try AdDeclaration.domain(text.utf8.span)
            }
        }
        declaration.categories = try list(upTo: Limits.itemCategoriesMax) {
            (reader) throws(ChangeBytesError) in
            let text = try reader.text(upTo: Limits.categoryBytesMax)
            return try reader.checked { () throws(DomainError) in
                try AdDeclaration.category(text.utf8.span)
            }
        }
        declaration.taxonomy = try count(upTo: AdDeclaration.taxonomies.upperBound)
        declaration.creative = try optional { (reader) throws(ChangeBytesError) in
            try reader.name(CreativeID.init)
        }
        let declared = declaration
        try checked { () throws(DomainError) in try declared.check() }
        return declaration
    }

    private mutating func textRow() throws(ChangeBytesError) -> TextRow {
        var row = TextRow.zero
        for index in 0..<Limits.textDimension {
            let value = Int8(bitPattern: try byte())
            guard value != -128 else { throw .invalid("-128 is no value of a row") }
            row[index] = value
        }
        return row
    }
}
