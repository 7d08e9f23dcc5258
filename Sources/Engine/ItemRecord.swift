import Domain

/// The part of an item that ranking does not read: what `ITEM.GET` shows, as bytes.
///
/// Strings with their lengths before them (32 bits, little-endian), in a fixed order:
/// text, author, prior (as a decimal), sensitive label, then counted lists of topics, regions and
/// languages.
package struct ItemRecord: Sendable, Equatable {
    package var text: String?
    package var author: String?
    package var prior: Double?
    package var sensitive: SensitiveLabel?
    package var topics: [String] = []
    package var regions: [String] = []
    package var languages: [String] = []

    init(_ draft: ItemDraft, sensitive: SensitiveLabel?) {
        text = draft.text
        author = draft.author?.text
        prior = draft.prior
        self.sensitive = sensitive
        topics = draft.topics
        regions = draft.regions.map(\.description)
        languages = draft.languages.map(\.description)
    }

    var bytes: [UInt8] {
        var writer = FieldWriter()
        writer.append(text ?? "")
        writer.append(author ?? "")
        writer.append(prior.map { "\($0)" } ?? "")
        writer.append(sensitive?.word ?? "")
        for list in [topics, regions, languages] {
            writer.append(UInt32(list.count))
            for element in list { writer.append(element) }
        }
        return writer.bytes
    }

    init(bytes: [UInt8]) {
        var reader = FieldReader(bytes)
        text = reader.text()
        author = reader.text()
        prior = reader.text().flatMap(Double.init)
        let label = reader.text()
        sensitive = SensitiveLabel.allCases.first { $0.word == label }
        topics = reader.list()
        regions = reader.list()
        languages = reader.list()
    }
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
}

private struct FieldReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// No more than the bytes that are left, of which each counts at least one.
    mutating func number() -> Int {
        guard position + 4 <= bytes.count else { return 0 }
        let value = (0..<4).reduce(0) { $0 | Int(bytes[position + $1]) << (8 * $1) }
        position += 4
        return min(value, bytes.count - position)
    }

    /// `nil` for an empty string.
    mutating func text() -> String? {
        let count = number()
        defer { position += count }
        guard count > 0 else { return nil }
        return String(decoding: bytes[position..<position + count], as: UTF8.self)
    }

    mutating func list() -> [String] {
        (0..<number()).map { _ in text() ?? "" }
    }
}
