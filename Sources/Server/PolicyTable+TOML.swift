import Domain
import Policy
import TOMLKit

extension PolicyTable {
    /// The shipped file: the announced rule with its comments, as `Resources/policy.toml` holds it.
    package static var shippedText: String {
        String(decoding: PackageResources.policy_toml, as: UTF8.self)
    }

    /// Reads a policy file. A row that it leaves out stands as announced; one that says less than
    /// that, and whatever no row asks for, is refused by name.
    package static func read(toml text: String) throws(ConfigurationError) -> PolicyTable {
        guard text.utf8.count <= Limits.policyBytesMax else {
            throw ConfigurationError("text", DomainError.policyLength(text.utf8.count).message)
        }
        try PolicySyntax.check(text)
        let table: TOMLTable
        do {
            table = try TOMLTable(string: text)
        } catch {
            throw ConfigurationError("syntax", "\(error)")
        }
        var file = PolicyFile()
        var reader = TableReader(table, path: "")
        try file.readVersion(&reader)
        for section in sections {
            try reader.table(section) { (table) throws(ConfigurationError) in
                try file.readSettings(of: section, &table)
                try PolicyFile.checkFixedRows(of: section, &table)
            }
        }
        try reader.finish()
        return try file.table()
    }
}

/// The rows of a file that an operator can set, as far as they have been read.
private struct PolicyFile {
    var effective = PolicyTable.announced.effective
    var regions = PolicyTable.announced.excludedRegions
    var crossing = PolicyTable.announced.crossing
    var contextTextLanes = PolicyTable.announced.contextTextLanes

    /// Read first: what a later version says cannot be judged row by row.
    mutating func readVersion(_ reader: inout TableReader) throws(ConfigurationError) {
        var version: Int?
        try reader.integer("version") { version = $0 }
        guard let version else {
            throw ConfigurationError("version", "missing, expected \(PolicyTable.version)")
        }
        guard version <= PolicyTable.version else {
            throw ConfigurationError(
                "version",
                "\(version) is newer than \(PolicyTable.version), the newest that this server reads"
            )
        }
        guard version == PolicyTable.version else {
            throw ConfigurationError("version", "\(version) never was one")
        }
    }

    mutating func readSettings(
        of section: String, _ table: inout TableReader
    ) throws(ConfigurationError) {
        switch section {
        case "effective":
            try table.string("from") { (text) throws(DomainError) in
                effective = try Timestamp(text)
            }
        case "regions":
            try table.strings("excluded") { (codes) throws(DomainError) in
                regions = try Self.set(codes) { (code) throws(DomainError) in
                    try Region(country: code)
                }
            }
        case "link":
            try table.string("across_products") { (word) throws(DomainError) in
                guard let crossing = PolicyTable.ProductCrossing(rawValue: word) else {
                    throw .setting("'\(word)': expected linked or never")
                }
                self.crossing = crossing
            }
        case "every_way_in":
            try table.strings("context_text") { (words) throws(DomainError) in
                contextTextLanes = try Self.set(words, Lane.init)
            }
        default: break
        }
    }

    /// Rows that cannot be set may be stated, as they stand.
    static func checkFixedRows(
        of section: String, _ table: inout TableReader
    ) throws(ConfigurationError) {
        for row in PolicyTable.fixedRows where row.section == section {
            var stated = row.value
            switch row.value {
            case .flag: try table.boolean(row.key) { stated = .flag($0) }
            case .word: try table.string(row.key) { stated = .word($0) }
            case .words:
                try table.strings(row.key) { (words) throws(DomainError) in
                    stated = .words(try set(words, Lane.init).map(\.rawValue).sorted())
                }
            }
            do throws(PolicyLoosening) {
                try row.check(stated)
            } catch {
                throw ConfigurationError(error.row, error.reason)
            }
        }
    }

    func table() throws(ConfigurationError) -> PolicyTable {
        do throws(PolicyLoosening) {
            return try PolicyTable(
                effective: effective, excludedRegions: regions, crossing: crossing,
                contextTextLanes: contextTextLanes)
        } catch {
            throw ConfigurationError(error.row, error.reason)
        }
    }

    /// What is listed twice was meant to be two things.
    private static func set<Value: Hashable>(
        _ words: [String], _ read: (String) throws(DomainError) -> Value
    ) throws(DomainError) -> Set<Value> {
        var set: Set<Value> = []
        for word in words {
            guard set.insert(try read(word)).inserted else {
                throw .setting("'\(word)' is listed twice")
            }
        }
        return set
    }
}
