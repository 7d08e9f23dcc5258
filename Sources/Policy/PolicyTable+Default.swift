import Domain

extension PolicyTable {
    /// The announced rule. The EEA states outside the EU (IS, LI, NO) and Switzerland are not in the
    /// announcement and therefore not excluded; an operator who wants them out adds them.
    public static let announced: PolicyTable = {
        do throws(DomainError) {
            let europeanUnion = [
                "AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE",
                "IT", "LV", "LT", "LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE",
            ]
            var regions: Set<Region> = []
            for code in europeanUnion + ["GB", "KR"] {
                regions.insert(try Region(code))
            }
            return PolicyTable(
                effective: try Timestamp("2025-12-16T00:00:00Z"), excludedRegions: regions)
        } catch {
            preconditionFailure("the shipped policy is malformed: \(error.message)")
        }
    }()
}
