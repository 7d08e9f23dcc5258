import Domain

/// The part of an item that ranking does not read: what `ITEM.GET` shows, as bytes.
///
/// Strings with their lengths before them (32 bits, little-endian), in a fixed order:
/// text, author, prior (as a decimal), sensitive label, counted lists of topics, regions and
/// languages, and an ad's declaration: lists of domains and categories, taxonomy (as a decimal),
/// creative. A record that ends early has the rest empty.
package struct ItemRecord: Sendable, Equatable {
    package var text: String?
    package var author: String?
    package var prior: Double?
    package var sensitive: SensitiveLabel?
    package var topics: [String] = []
    package var regions: [String] = []
    package var languages: [String] = []
    package var declaration = AdDeclaration()

    init(_ draft: ItemDraft, sensitive: SensitiveLabel?) {
        text = draft.text
        author = draft.author?.text
        prior = draft.prior
        self.sensitive = sensitive
        topics = draft.topics
        regions = draft.regions.map(\.description)
        languages = draft.languages.map(\.description)
        declaration = draft.declaration
    }

    var bytes: [UInt8] {
        var writer = FieldWriter()
        writer.append(text ?? "")
        writer.append(author ?? "")
        writer.append(prior.map { "\($0)" } ?? "")
        writer.append(sensitive?.word ?? "")
        for list in [topics, regions, languages] { writer.append(list) }
        writer.append(declaration.domains)
        writer.append(declaration.categories)
        writer.append("\(declaration.taxonomy)")
        writer.append(declaration.creative?.text ?? "")
        return writer.bytes
    }

    init(bytes: [UInt8]) {
        var reader = FieldReader(bytes.span)
        text = reader.text()
        author = reader.text()
        prior = reader.text().flatMap(Double.init)
        let label = reader.text()
        sensitive = SensitiveLabel.allCases.first { $0.word == label }
        topics = reader.list()
        regions = reader.list()
        languages = reader.list()
        declaration = reader.declaration()
    }

    /// Of a record no more than an exchange asks about; the text, which may be long, is passed over.
    static func offer(in bytes: Span<UInt8>) -> AdOffer {
        var reader = FieldReader(bytes)
        for _ in 0..<4 { reader.skipText() }
        for _ in 0..<2 { reader.skipList() }
        let languages = reader.list().map { (try? Language($0)) ?? .unknown }
        return AdOffer(languages: languages, declaration: reader.declaration())
    }
}

/// What an exchange asks about an ad.
package struct AdOffer: Sendable, Equatable {
    /// Empty is every language.
    package let languages: [Language]
    package let declaration: AdDeclaration
}

private struct FieldWriter {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ number: UInt32) {
        for shift in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    mutating func append(_ text: String) {
        append(UInt32(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    mutating func append(_ list: [String]) {
        append(UInt32(list.count))
        for element in list { append(element) }
    }
}

private struct FieldReader: ~Escapable {
    private let bytes: Span<UInt8>
    private var position = 0

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>) { self.bytes = bytes }

    /// No more than the bytes that are left, of which each counts at least one.
    @_lifetime(self: copy self)
    mutating func number() -> Int {
        guard position + 4 <= bytes.count else { return 0 }
        let value = (0..<4).reduce(0) { $0 | Int(bytes[position + $1]) << (8 * $1) }
        position += 4
        return min(value, bytes.count - position)
    }

    /// `nil` for an empty string.
    @_lifetime(self: copy self)
    mutating func text() -> String? {
        let count = number()
        defer { position += count }
        guard count > 0 else { return nil }
        return String(repairing: bytes.extracting(position..<position + count))
    }

    @_lifetime(self: copy self)
    mutating func list() -> [String] {
        var elements: [String] = []
        for _ in 0..<number() { elements.append(text() ?? "") }
        return elements
    }

    @_lifetime(self: copy self)
    mutating func declaration() -> AdDeclaration {
        var declaration = AdDeclaration()
        declaration.domains = list()
        declaration.categories = list()
        if let number = text().flatMap({ Int($0) }), AdDeclaration.taxonomies.contains(number) {
            declaration.taxonomy = number
        }
        declaration.creative = text().flatMap { try? CreativeID($0) }
        return declaration
    }

    @_lifetime(self: copy self)
    mutating func skipText() {
        let count = number()
        position += count
    }

    @_lifetime(self: copy self)
    mutating func skipList() {
        for _ in 0..<number() { skipText() }
    }
}
