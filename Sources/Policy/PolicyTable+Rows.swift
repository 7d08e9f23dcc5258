import Domain

/// The table row by row: for files, digests and comparisons.
extension PolicyTable {
    /// Rows that an operator cannot set, since nothing stricter is meant by them. A file may state
    /// them, so that it can be read as the whole policy, and only as they stand here.
    public static let fixedRows: [PolicyRow] =
        [
            // Announced: users are notified from 7 October 2025 on, and chats count from then.
            PolicyRow(
                "notice", "required", .flag(true),
                rule: "chat counts only from the moment the user's notice was recorded"),
            // Announced by region: someone whose region is not known may be in an excluded one.
            PolicyRow(
                "regions", "unknown_excluded", .flag(true),
                rule: "who may be in an excluded region counts as there"),
        ]
        // Announced of ads, for these seven matters; content is here too, because a click on what
        // such a chat brought up would carry it over.
        + SensitiveLabel.allCases.map { label in
            PolicyRow(
                "sensitive", label.word, words(of: Set(Lane.allCases)),
                rule: "chat about such a matter counts on no lane")
        }
        // Announced of ads: sensitive matter serves none, by whatever way it comes in.
        + [
            PolicyRow(
                "every_way_in", "chat_vectors_count", .flag(false),
                rule: "what nobody can read as a topic serves nothing"),
            PolicyRow(
                "every_way_in", "flagged_items_serve_ads", .flag(false),
                rule: "a like of an item about a sensitive matter is not for ads"),
            PolicyRow(
                "unlabelled", "counts_as_sensitive", .flag(true),
                rule: "what cannot be told may be sensitive"),
        ]

    /// Every row, in the order of the announcement.
    public var rows: [PolicyRow] {
        let regions = PolicyRow.Value.words(excludedRegions.map(\.description).sorted())
        let set = [
            PolicyRow("effective", "from", .word(effective.description)),
            PolicyRow("regions", "excluded", regions),
            PolicyRow("link", "across_products", .word(crossing.rawValue)),
            PolicyRow("every_way_in", "context_text", Self.words(of: contextTextLanes)),
        ]
        return Self.sections.flatMap { section in
            (set + Self.fixedRows).filter { $0.section == section }
        }
    }

    /// The headings, in the order of the announcement.
    public static let sections = [
        "effective", "notice", "regions", "link", "sensitive", "every_way_in", "unlabelled",
    ]

    /// The table as TOML, one row a line in a fixed order and without comments: what the digest is
    /// taken of. Equal tables have equal texts, and reading one gives the table.
    public var canonicalText: String {
        let rows = rows
        let parts = Self.sections.map { section in
            let lines = rows.filter { $0.section == section }
                .map { "\($0.key) = \($0.value.text)\n" }
            return "\n[\(section)]\n" + lines.joined()
        }
        return "version = \(Self.version)\n" + parts.joined()
    }

    /// The names of the rows in which two tables differ.
    public func rowsDiffering(from other: PolicyTable) -> [String] {
        zip(rows, other.rows).filter { $0 != $1 }.map(\.0.name)
    }

    private static func words(of lanes: Set<Lane>) -> PolicyRow.Value {
        .words(lanes.map(\.rawValue).sorted())
    }
}
