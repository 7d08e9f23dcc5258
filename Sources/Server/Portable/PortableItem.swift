import Domain
import Engine

/// An item with its attributes, and the rows that its text and vectors have become.
struct PortableItem: Codable {
    var id: String
    var kind: String
    /// Deleted, and named by the signals of some users.
    var isGone: Bool?
    var text: String?
    var author: String?
    var bidMicros: Int64?
    var prior: Double?
    var topics: [String]?
    var created: String?
    var expires: String?
    var regions: [String]?
    var languages: [String]?
    var domains: [String]?
    var categories: [String]?
    /// Missing for `AdDeclaration.contentTaxonomy1`.
    var taxonomy: Int?
    var creative: String?
    var sensitive: String?
    var textRow: [Int8]?
    var tasteRow: [Int8]?
    /// What liking it says; where it is missing, what it is as a candidate.
    var tasteSignalRow: [Int8]?

    init(_ item: ResolvedItem, isLive: Bool) {
        let draft = item.draft
        id = draft.id.text
        kind = draft.kind.text
        isGone = isLive ? nil : true
        text = draft.text
        author = draft.author?.text
        bidMicros = draft.bidMicros == 0 ? nil : draft.bidMicros
        prior = draft.prior
        topics = draft.topics.isEmpty ? nil : draft.topics
        created = draft.created?.description
        expires = draft.expires?.description
        regions = draft.regions.isEmpty ? nil : draft.regions.map(\.description)
        languages = draft.languages.isEmpty ? nil : draft.languages.map(\.description)
        let declaration = draft.declaration
        domains = declaration.domains.isEmpty ? nil : declaration.domains
        categories = declaration.categories.isEmpty ? nil : declaration.categories
        let hasTaxonomy = declaration.taxonomy != AdDeclaration.contentTaxonomy1
        taxonomy = hasTaxonomy ? declaration.taxonomy : nil
        creative = declaration.creative?.text
        sensitive = item.sensitive?.word
        let row = (0..<Limits.textDimension).map { item.text[$0] }
        textRow = row.allSatisfy { $0 == 0 } ? nil : row
        tasteRow = Self.row(item.taste)
        let signal = Self.row(item.tasteSignal)
        tasteSignalRow = signal == tasteRow ? nil : signal
    }

    func change() throws(DomainError) -> Change {
        var draft = ItemDraft(id: try ItemID(id), kind: try Kind(kind))
        draft.text = text
        if let author { draft.author = try AuthorID(author) }
        draft.bidMicros = bidMicros
        draft.prior = prior
        draft.topics = topics ?? []
        if let created { draft.created = try Timestamp(created) }
        if let expires { draft.expires = try Timestamp(expires) }
        for code in regions ?? [] { draft.regions.append(try Region(code)) }
        for code in languages ?? [] { draft.languages.append(try Language(code)) }
        draft.declaration = try declaration()
        try draft.check()
        let label = try sensitive.map { (word) throws(DomainError) in try SensitiveLabel(word) }
        var text = TextRow.zero
        if let textRow {
            guard textRow.count == Limits.textDimension else {
                throw .vector("the text row has \(textRow.count) values")
            }
            for index in textRow.indices { text[index] = textRow[index] }
        }
        return .putItem(
            ResolvedItem(
                draft: draft, sensitive: label, text: text, taste: tasteRow,
                tasteSignal: tasteSignalRow ?? tasteRow), isStaged: false)
    }

    private func declaration() throws(DomainError) -> AdDeclaration {
        var declaration = AdDeclaration()
        for domain in domains ?? [] {
            declaration.domains.append(try AdDeclaration.domain(domain.utf8.span))
        }
        for category in categories ?? [] {
            declaration.categories.append(try AdDeclaration.category(category.utf8.span))
        }
        if let taxonomy { declaration.taxonomy = taxonomy }
        if let creative { declaration.creative = try CreativeID(creative) }
        return declaration
    }

    private static func row(_ values: [Int8]?) -> [Int8]? {
        guard let values, values.contains(where: { $0 != 0 }) else { return nil }
        return values
    }
}
