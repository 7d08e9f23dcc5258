import Domain

/// What may be used where, when and for whom: the announced rule as data.
///
/// Every property is one row of the table; the shipped default states the announcement. The table
/// is a value: a server swaps the whole of it.
public struct PolicyTable: Sendable, Equatable {
    /// Counts up with every change of the shipped default.
    public var version = 1
    /// "Starting December 16, 2025": chat of an earlier instant does not count.
    public var effective: Timestamp
    /// "Notifications from October 7": chat counts only from the user's own notice on.
    public var requiresNotice = true
    /// The regions left out: United Kingdom, the 27 states of the EU, South Korea.
    public var excludedRegions: Set<Region>
    /// A region that is not known is treated as an excluded one.
    public var excludesUnknownRegion = true
    /// Chat of one product counts on another product's surfaces only while the accounts are linked.
    public var requiresLink = true
    /// The lanes on which chat about a sensitive topic does not count. The announcement speaks of
    /// ads; content is here too, because a click on what such a chat brought up would carry it over.
    public var sensitiveLanes: Set<Lane> = [.ads, .content]

    public init(effective: Timestamp, excludedRegions: Set<Region>) {
        self.effective = effective
        self.excludedRegions = excludedRegions
    }

    /// Whether chat of someone in the region is left out.
    public func excludes(_ region: Region) -> Bool {
        region == .unknown ? excludesUnknownRegion : excludedRegions.contains(region)
    }

    /// The table as text, one row a line in a fixed order: what the digest is taken of.
    public var canonicalText: String {
        let regions = excludedRegions.map(\.description).sorted().joined(separator: ",")
        let lanes = sensitiveLanes.map(\.rawValue).sorted().joined(separator: ",")
        return """
            version=\(version)
            effective=\(effective)
            requires-notice=\(requiresNotice)
            excluded-regions=\(regions)
            excludes-unknown-region=\(excludesUnknownRegion)
            requires-link=\(requiresLink)
            sensitive-lanes=\(lanes)

            """
    }
}
