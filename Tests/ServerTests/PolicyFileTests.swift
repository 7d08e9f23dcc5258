import Domain
import Policy
import Server
import Testing

/// Policy files: what they may say, what is refused in which words, and what names them.
@Suite struct PolicyFileTests {
    @Test func `the shipped file is the announced rule`() throws {
        #expect(try PolicyTable.read(toml: PolicyTable.shippedText) == .announced)
    }

    @Test func `the shipped file states every row, though it need not`() throws {
        let rows = Set(PolicyTable.announced.rows.map(\.key))
        let stated = PolicyTable.shippedText.split(separator: "\n")
            .filter { !$0.hasPrefix("#") && $0.contains(" = ") }
            .map { String($0.prefix { $0 != " " }) }
        #expect(Set(stated) == rows.union(["version"]))
        #expect(stated.count == PolicyTable.announced.rows.count + 1)
        #expect(try PolicyTable.read(toml: "version = 1") == .announced)
    }

    @Test func `the choice that the shipped file offers can be taken`() throws {
        var text = PolicyTable.shippedText
        for code in ["IS", "LI", "NO", "CH"] {
            let marked = "    # \"\(code)\",\n"
            #expect(text.contains(marked))
            text = text.split(separator: "\n", omittingEmptySubsequences: false)
                .map { "\($0)\n" == marked ? "    \"\(code)\"," : $0 }.joined(separator: "\n")
        }
        let policy = try PolicyTable.read(toml: text)
        #expect(policy.excludedRegions.count == 33)
        #expect(policy.rowsDiffering(from: .announced) == ["regions.excluded"])
    }

    @Test func `rows can be made stricter`() throws {
        let policy = try PolicyTable.read(
            toml: """
                version = 1
                [effective]
                from = "2026-01-01T00:00:00.001Z"
                [link]
                across_products = "never"
                [every_way_in]
                context_text = ["content", "ads"]
                """)
        let expected = try PolicyTable(
            effective: try Timestamp("2026-01-01T00:00:00.001Z"),
            excludedRegions: PolicyTable.announced.excludedRegions, crossing: .never,
            contextTextLanes: [.ads, .content])
        #expect(policy == expected)
    }

    private static let loosened = "would loosen the announced rule"

    @Test(arguments: [
        // Version.
        ("", "version: missing, expected 1"),
        ("version = \"1\"", "version: expected a whole number"),
        ("version = 1.0", "syntax: line 1: expected the end of the line"),
        ("version = 0", "version: 0 never was one"),
        ("version = -1", "version: -1 never was one"),
        (
            "version = 2\n[new]\nrow = 1",
            "version: 2 is newer than 1, the newest that this server reads"
        ),
        // Names.
        ("version = 1\nvision = 1", "vision: there is no such setting"),
        ("version = 1\n[region]\nexcluded = []", "region: there is no such setting"),
        ("version = 1\n[regions]\nincluded = []", "regions.included: there is no such setting"),
        ("version = 1\n[sensitive]\nweather = []", "sensitive.weather: there is no such setting"),
        ("version = 1\n[opt_out]", "opt_out: there is no such setting"),
        // Types.
        ("version = 1\nregions = 1", "regions: expected a table"),
        ("version = 1\n[[regions]]", "syntax: line 2: expected the name of a section"),
        ("version = 1\n[effective]\nfrom = 1", "effective.from: expected a string"),
        (
            "version = 1\n[effective]\nfrom = 2026-01-01T00:00:00Z",
            "syntax: line 3: expected a string, true, false or a whole number"
        ),
        ("version = 1\n[notice]\nrequired = \"true\"", "notice.required: expected true or false"),
        (
            "version = 1\n[regions]\nexcluded = \"FR\"",
            "regions.excluded: expected an array of strings"
        ),
        (
            "version = 1\n[sensitive]\nhealth = [true]",
            "sensitive.health: expected an array of strings"
        ),
        // Values.
        (
            "version = 1\n[effective]\nfrom = \"soon\"",
            "effective.from: 'soon' is not a time: expected ISO 8601 with Z or milliseconds since "
                + "1970, up to the year 9999"
        ),
        (
            "version = 1\n[regions]\nexcluded = [\"XX\"]",
            "regions.excluded: 'XX' is no country of ISO 3166"
        ),
        (
            "version = 1\n[regions]\nexcluded = [\"EL\"]",
            "regions.excluded: 'EL' is no country of ISO 3166"
        ),
        (
            "version = 1\n[regions]\nexcluded = [\"unknown\"]",
            "regions.excluded: 'unknown' is no country of ISO 3166"
        ),
        (
            "version = 1\n[regions]\nexcluded = [\"France\"]",
            "regions.excluded: 'France' is not a region: expected two letters of ISO 3166, or "
                + "'unknown'"
        ),
        (
            "version = 1\n[regions]\nexcluded = [\"GB\", \"UK\"]",
            "regions.excluded: 'UK' is listed twice"
        ),
        (
            "version = 1\n[link]\nacross_products = \"always\"",
            "link.across_products: 'always': expected linked or never"
        ),
        (
            "version = 1\n[every_way_in]\ncontext_text = [\"adds\"]",
            "every_way_in.context_text: unknown lane 'adds': expected ads or content"
        ),
        // Looser than announced.
        (
            "version = 1\n[effective]\nfrom = \"2025-12-15T23:59:59.999Z\"",
            "effective.from: 2025-12-15T23:59:59.999Z \(loosened): chat of before "
                + "2025-12-16T00:00:00Z never counts"
        ),
        (
            "version = 1\n[notice]\nrequired = false",
            "notice.required: false \(loosened): it stands as true, chat counts only from the "
                + "moment the user's notice was recorded"
        ),
        (
            "version = 1\n[regions]\nunknown_excluded = false",
            "regions.unknown_excluded: false \(loosened): it stands as true, who may be in an "
                + "excluded region counts as there"
        ),
        (
            "version = 1\n[sensitive]\nhealth = [\"ads\"]",
            "sensitive.health: [\"ads\"] \(loosened): it stands as [\"ads\", \"content\"], chat "
                + "about such a matter counts on no lane"
        ),
        (
            "version = 1\n[sensitive]\nunion = []",
            "sensitive.union: [] \(loosened): it stands as [\"ads\", \"content\"], chat about such "
                + "a matter counts on no lane"
        ),
        (
            "version = 1\n[every_way_in]\ncontext_text = [\"content\"]",
            "every_way_in.context_text: to leave out ads \(loosened): text of a context passes the "
                + "walls of a chat on ads"
        ),
        (
            "version = 1\n[every_way_in]\nchat_vectors_count = true",
            "every_way_in.chat_vectors_count: true \(loosened): it stands as false, what nobody "
                + "can read as a topic serves nothing"
        ),
        (
            "version = 1\n[every_way_in]\nflagged_items_serve_ads = true",
            "every_way_in.flagged_items_serve_ads: true \(loosened): it stands as false, a like of "
                + "an item about a sensitive matter is not for ads"
        ),
        (
            "version = 1\n[unlabelled]\ncounts_as_sensitive = false",
            "unlabelled.counts_as_sensitive: false \(loosened): it stands as true, what cannot be "
                + "told may be sensitive"
        ),
        // Shape: the library would end the process at some of these.
        ("version = 1\n[,", "syntax: line 2: expected the name of a section"),
        ("version = 1\n\"\"", "syntax: line 2: expected a row or a section"),
        ("version = 1\na.b = 1", "syntax: line 2: expected '='"),
        ("version = 1\n# \u{7}", "syntax: line 2: expected no control character"),
        (
            "version = 1\r# old", "syntax: line 1: expected a line feed behind the carriage return"
        ),
        ("version = 1\na = \"\"\"b\"\"\"", "syntax: line 2: expected one quote"),
        (
            "version = 1\na = \"\\u0041\"",
            "syntax: line 2: expected a string on one line, without escapes"
        ),
        ("version = 1\na = [1\n2]", "syntax: line 3: expected ',' or ']'"),
        ("version = 1\n\0[regions]", "syntax: line 2: expected a row or a section"),
        (
            "version = 1\na = [}",
            "syntax: line 2: expected a string, true, false or a whole number"
        ),
        (
            "version = 1\nlink = {across_products = \"never\"}",
            "syntax: line 2: expected a string, true, false or a whole number"
        ),
    ])
    func `what a file may not say is refused by name`(_ toml: String, _ message: String) {
        let error = #expect(throws: ConfigurationError.self) { try PolicyTable.read(toml: toml) }
        #expect("\(error?.setting ?? ""): \(error?.reason ?? "")" == message)
    }

    @Test func `each region of the announcement must be there`() throws {
        let announced = PolicyTable.announced.excludedRegions
        for region in announced {
            let rest = announced.subtracting([region]).map { "\"\($0)\"" }.joined(separator: ", ")
            let text = "version = 1\n[regions]\nexcluded = [\(rest)]"
            let error = #expect(throws: ConfigurationError.self) {
                try PolicyTable.read(toml: text)
            }
            #expect(error?.setting == "regions.excluded")
            #expect(error?.reason.hasPrefix("to leave out \(region) would") == true)
        }
    }

    @Test(arguments: ["version", "version = 1\nversion = 1", "version = 1\n[regions", "\u{feff}="])
    func `text that is no TOML is refused`(_ toml: String) {
        let error = #expect(throws: ConfigurationError.self) { try PolicyTable.read(toml: toml) }
        #expect(error?.setting == "syntax")
        #expect(error?.reason.contains("line") == true)
    }

    @Test func `a text that is too long is refused`() {
        let toml = "version = 1\n" + String(repeating: "#", count: Limits.policyBytesMax)
        let error = #expect(throws: ConfigurationError.self) { try PolicyTable.read(toml: toml) }
        #expect(error?.message == "configuration: text: policy has 65548 bytes, at most 65536")
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `the canonical text is the table, and the digest names it`(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var tables: [PolicyTable] = [.announced]
        for _ in 0..<20 { tables.append(try Self.table(&random)) }
        for table in tables {
            let read = try PolicyTable.read(toml: table.canonicalText)
            #expect(read == table)
            #expect(read.canonicalText == table.canonicalText)
            let shuffled = try PolicyTable.read(toml: Self.shuffled(table, &random))
            #expect(shuffled == table && shuffled.digest == table.digest)
            for other in tables {
                #expect((other.digest == table.digest) == (other == table))
                #expect(other.rowsDiffering(from: table).isEmpty == (other == table))
            }
        }
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `a spoilt file is refused, or is a policy that keeps the promise`(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let announced = PolicyTable.announced
        for _ in 0..<250 {
            var bytes = Array(
                (Bool.random(using: &random)
                    ? PolicyTable.shippedText : announced.canonicalText).utf8)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                let mark = Array("[]{}\"'#=,.\n\\ -0a".utf8).randomElement(using: &random) ?? 0
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = mark
                case 1: bytes.insert(mark, at: place)
                default: bytes.remove(at: place)
                }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            guard let table = try? PolicyTable.read(toml: text) else { continue }
            #expect(table.effective >= announced.effective)
            #expect(table.excludedRegions.isSuperset(of: announced.excludedRegions))
            #expect(table.contextTextLanes.contains(.ads))
        }
    }

    @Test func `a file of brackets is refused`() {
        let toml = "version = 1\na = " + String(repeating: "[", count: 60_000)
        let error = #expect(throws: ConfigurationError.self) { try PolicyTable.read(toml: toml) }
        #expect(error?.setting == "syntax")
    }

    /// Any table that may be.
    private static func table(_ random: inout SeededRandom) throws -> PolicyTable {
        let announced = PolicyTable.announced
        let more = Region.countries.sorted { $0.rawValue < $1.rawValue }.shuffled(using: &random)
            .prefix(Int.random(in: 0...3, using: &random))
        let later = Int64.random(in: 0...3, using: &random)
        return try PolicyTable(
            effective: try Timestamp(milliseconds: announced.effective.milliseconds + later),
            excludedRegions: announced.excludedRegions.union(more),
            crossing: Bool.random(using: &random) ? .linked : .never,
            contextTextLanes: Bool.random(using: &random) ? [.ads] : [.ads, .content])
    }

    /// The same file as another hand would write it: sections, rows and words in another order, with
    /// comments.
    private static func shuffled(_ table: PolicyTable, _ random: inout SeededRandom) -> String {
        var text = "# A policy.\nversion = 1\n"
        for section in PolicyTable.sections.shuffled(using: &random) {
            text += "[\(section)]  # \(section)\n"
            for row in table.rows.filter({ $0.section == section }).shuffled(using: &random) {
                let value =
                    if case .words(let words) = row.value {
                        PolicyRow.Value.words(words.shuffled(using: &random)).text
                    } else {
                        row.value.text
                    }
                text += "\t\(row.key)=\(value)\n"
            }
        }
        return text
    }
}
