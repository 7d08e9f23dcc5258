import Domain
import Testing

@testable import Policy

@Suite("The policy table")
struct PolicyTableTests {
    private static func regions(_ codes: String) throws -> Set<Region> {
        var regions = PolicyTable.announced.excludedRegions
        for code in codes.split(separator: " ") { regions.insert(try Region(String(code))) }
        return regions
    }

    @Test("states the announced rule, row by row")
    func announced() {
        #expect(
            PolicyTable.announced.canonicalText == """
                version = 1

                [effective]
                from = "2025-12-16T00:00:00Z"

                [notice]
                required = true

                [regions]
                excluded = ["AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", \
                "GR", "HR", "HU", "IE", "IT", "KR", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", \
                "SE", "SI", "SK"]
                unknown_excluded = true

                [link]
                across_products = "linked"

                [sensitive]
                religion = ["ads", "content"]
                sexuality = ["ads", "content"]
                politics = ["ads", "content"]
                health = ["ads", "content"]
                ethnicity = ["ads", "content"]
                philosophy = ["ads", "content"]
                union = ["ads", "content"]

                [every_way_in]
                context_text = ["ads"]
                chat_vectors_count = false
                flagged_items_serve_ads = false

                [unlabelled]
                counts_as_sensitive = true

                """)
        #expect(Set(PolicyTable.sections) == Set(PolicyTable.announced.rows.map(\.section)))
    }

    @Test("excludes 27 states of the EU, GB, KR and what is not known, and nothing else")
    func regions() throws {
        #expect(PolicyTable.announced.excludedRegions.count == 29)
        for code in ["FR", "DE", "GR", "HR", "UK", "KR", "unknown"] {
            #expect(PolicyTable.announced.excludes(try Region(code)), "\(code)")
        }
        for code in ["US", "CA", "CH", "IS", "LI", "NO", "KP", "GG", "MQ"] {
            #expect(!PolicyTable.announced.excludes(try Region(code)), "\(code)")
        }
    }

    @Test("can be made stricter")
    func stricter() throws {
        let announced = PolicyTable.announced
        let table = try PolicyTable(
            effective: try Timestamp("2026-01-01T00:00:00Z"),
            excludedRegions: try Self.regions("CH NO"), crossing: .never,
            contextTextLanes: [.ads, .content])
        #expect(table.excludes(try Region("CH")))
        #expect(table.counted(ProductSet(rawValue: 6)) == ProductSet())
        #expect(announced.counted(ProductSet(rawValue: 6)) == ProductSet(rawValue: 6))
        #expect(table.wallsContextText(on: .content) && !announced.wallsContextText(on: .content))
        #expect(
            table.rowsDiffering(from: announced) == [
                "effective.from", "regions.excluded", "link.across_products",
                "every_way_in.context_text",
            ])
        #expect(table.rowsDiffering(from: table).isEmpty)
    }

    @Test("cannot be made looser, and the row is named")
    func looser() throws {
        let announced = PolicyTable.announced
        let early = try Timestamp(milliseconds: announced.effective.milliseconds - 1)
        var regions = announced.excludedRegions
        regions.remove(try Region("FR"))
        regions.remove(try Region("DE"))
        let cases: [(String, () throws(PolicyLoosening) -> PolicyTable)] = [
            (
                "effective.from: 2025-12-15T23:59:59.999Z would loosen the announced rule: chat of "
                    + "before 2025-12-16T00:00:00Z never counts",
                { () throws(PolicyLoosening) in
                    try PolicyTable(effective: early, excludedRegions: announced.excludedRegions)
                }
            ),
            (
                "regions.excluded: to leave out DE, FR would loosen the announced rule: chat of "
                    + "users in the EU, GB and KR counts nowhere",
                { () throws(PolicyLoosening) in
                    try PolicyTable(effective: announced.effective, excludedRegions: regions)
                }
            ),
            (
                "every_way_in.context_text: to leave out ads would loosen the announced rule: text "
                    + "of a context passes the walls of a chat on ads",
                { () throws(PolicyLoosening) in
                    try PolicyTable(
                        effective: announced.effective,
                        excludedRegions: announced.excludedRegions, contextTextLanes: [.content])
                }
            ),
        ]
        for (message, make) in cases {
            let error = #expect(throws: PolicyLoosening.self) { try make() }
            #expect("\(error?.row ?? ""): \(error?.reason ?? "")" == message)
        }
    }

    @Test("has rows that stand as they are, and that say which rule they hold")
    func fixedRows() {
        for row in PolicyTable.fixedRows {
            #expect(!row.rule.isEmpty)
            #expect(throws: Never.self) { try row.check(row.value) }
            let other: PolicyRow.Value =
                if case .flag(let flag) = row.value { .flag(!flag) } else { .words(["ads"]) }
            let error = #expect(throws: PolicyLoosening.self) { try row.check(other) }
            #expect(error?.row == row.name)
            #expect(error?.reason.contains(row.rule) == true)
        }
        #expect(PolicyTable.fixedRows.filter { $0.section == "sensitive" }.count == 7)
    }
}
