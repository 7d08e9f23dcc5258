import Domain

extension PolicyTable {
    /// The announced rule: no table may say less.
    ///
    /// The regions are those of the announcement: the 27 states of the European Union, the United
    /// Kingdom and South Korea. The states of the European Economic Area outside the Union (IS, LI,
    /// NO) and Switzerland are not in it and therefore not excluded; an operator who wants them out
    /// adds them.
    public static let announced: PolicyTable = {
        do throws(DomainError) {
            let europeanUnion = [
                "AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE",
                "IT", "LV", "LT", "LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE",
            ]
            var regions: Set<Region> = []
            for code in europeanUnion + ["GB", "KR"] {
                regions.insert(try Region(country: code))
            }
            return PolicyTable(
                announcedAs: try Timestamp("2025-12-16T00:00:00Z"), excludedRegions: regions,
                crossing: .linked, contextTextLanes: [.ads])
        } catch {
            preconditionFailure("the announced policy is malformed: \(error.message)")
        }
    }()
}
