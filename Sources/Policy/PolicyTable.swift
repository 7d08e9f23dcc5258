import Domain

/// What may be used where, when and for whom: the announced rule as data.
///
/// A property is a row that an operator can set, and only ever to something stricter than announced:
/// a looser table cannot be built. Rows that have no stricter setting are `fixedRows`; the gates hold
/// them in code. The table is a value: a server swaps the whole of it.
public struct PolicyTable: Sendable, Equatable {
    /// Which rows there are and what they mean; a file of a later version is refused.
    public static let version = 1

    /// Row `effective.from`. Announced: chats count from 16 December 2025 on; one of an earlier
    /// instant never does.
    public let effective: Timestamp
    /// Row `regions.excluded`. Announced: not in the United Kingdom, the European Union and South
    /// Korea, on no lane, neither where the user was when it was said nor where the user is when
    /// something is ranked.
    public let excludedRegions: Set<Region>
    /// Row `link.across_products`. Announced: what is said to one product counts on another one's
    /// surfaces only while the user's accounts are linked.
    public let crossing: ProductCrossing
    /// Row `every_way_in.context_text`. The lanes on which the text of a request's context passes
    /// the same two walls as a chat: the sensitive gate, and the closed list of topics. Announced of
    /// ads: a sensitive matter serves none, by whatever way it comes in.
    public let contextTextLanes: Set<Lane>

    /// When chats of one product count on another's surfaces.
    public enum ProductCrossing: String, Sendable, CaseIterable {
        /// While the accounts of both are linked, as announced.
        case linked
        /// Never, whatever is linked.
        case never
    }

    /// Throws when a row says less than was announced.
    public init(
        effective: Timestamp, excludedRegions: Set<Region>, crossing: ProductCrossing = .linked,
        contextTextLanes: Set<Lane> = [.ads]
    ) throws(PolicyLoosening) {
        self.init(
            announcedAs: effective, excludedRegions: excludedRegions, crossing: crossing,
            contextTextLanes: contextTextLanes)
        try check()
    }

    /// The announced table itself, which has nothing to be checked against.
    init(
        announcedAs effective: Timestamp, excludedRegions: Set<Region>, crossing: ProductCrossing,
        contextTextLanes: Set<Lane>
    ) {
        self.effective = effective
        self.excludedRegions = excludedRegions
        self.crossing = crossing
        self.contextTextLanes = contextTextLanes
    }

    // MARK: Questions

    /// Whether chat of someone in the region is left out; an unknown region always is.
    public func excludes(_ region: Region) -> Bool {
        region == .unknown || excludedRegions.contains(region)
    }

    /// The links that count, of those that a user has made.
    public func counted(_ links: ProductSet) -> ProductSet {
        switch crossing {
        case .linked: links
        case .never: ProductSet()
        }
    }

    /// Whether the text of a context passes the walls of a chat on the lane.
    public func wallsContextText(on lane: Lane) -> Bool { contextTextLanes.contains(lane) }
}
