/// The announced rule, read once more and written down apart from the policy that the engine obeys:
/// what the proof holds the engine to must not come from the engine.
package struct Rule: Sendable, Equatable {
    package let name: String
    /// Chat of an earlier instant never counts; milliseconds since 1970.
    package let effective: Int64
    /// Chat of people in these regions, or in one that is not known, counts nowhere.
    package let excluded: [String]
    /// Whether linking accounts lets a chat count on another product's surfaces.
    package let crossesLinks: Bool

    /// 2025-12-16T00:00:00Z
    package static let effectiveInstant: Int64 = 1_765_843_200_000

    package static let announced = Rule(
        name: "announced", effective: effectiveInstant,
        excluded: [
            "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
            "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
            "GB", "KR",
        ], crossesLinks: true)

    /// What a log may put in use: the announced rule, and stricter ones.
    package static let all: [Rule] = [
        announced,
        Rule(
            name: "later", effective: effectiveInstant + 20 * day, excluded: announced.excluded,
            crossesLinks: true),
        Rule(
            name: "wider", effective: effectiveInstant,
            excluded: announced.excluded + ["CH", "US"],
            crossesLinks: true),
        Rule(
            name: "unlinked", effective: effectiveInstant, excluded: announced.excluded,
            crossesLinks: false),
    ]

    package static let day: Int64 = 86_400_000

    package func excludes(_ region: String) -> Bool {
        region == "unknown" || excluded.contains(region)
    }

    /// The rows in which it differs from the announced rule, as a policy file states them.
    package var toml: String {
        var text = "version = 1\n"
        if effective != Self.effectiveInstant {
            text += "[effective]\nfrom = \"\(instant(effective))\"\n"
        }
        if excluded != Self.announced.excluded {
            let names = excluded.map { "\"\($0)\"" }.joined(separator: ", ")
            text += "[regions]\nexcluded = [\(names)]\n"
        }
        if !crossesLinks { text += "[link]\nacross_products = \"never\"\n" }
        return text
    }
}
