import Domain

/// Whether chats that a profile holds may count in one request: the policy as a mask at read time.
///
/// What changed since a chat was taken (the user moved, a link was cut, the policy is another) takes
/// effect here, on the next request. Language and matter were judged when it came: what they kept
/// out is not held in any form, so no policy can bring it back.
public struct ChatUse: Sendable {
    /// Chats of an earlier instant do not count.
    private let effective: Timestamp
    /// `nil` when the user was not told.
    private let notice: Timestamp?
    private let isExcludedNow: Bool
    private let regions: RegionHistory
    /// The product that the surface belongs to; `nil` takes only chats that name none.
    private let product: ProductNumber?
    private let linked: ProductSet

    /// - Parameters:
    ///   - region: The user's region at the request's clock.
    ///   - restriction: The region that the request names, which can only restrict.
    ///   - regions: The user's regions over time, under the same policy.
    ///   - notice: When the user was told, if ever.
    ///   - product: The surface's product.
    ///   - links: The products whose accounts the user has linked.
    public init(
        policy: PolicyTable, region: Region, restriction: Region?, regions: RegionHistory,
        notice: Timestamp?, product: ProductNumber?, links: ProductSet
    ) {
        let comesFromExcluded = if let restriction { policy.excludes(restriction) } else { false }
        isExcludedNow = comesFromExcluded || policy.excludes(region)
        effective = policy.effective
        self.regions = regions
        self.notice = notice
        self.product = product
        linked = policy.counted(links)
    }

    /// The gate that keeps every chat out, whatever its time and product; `nil` when there is none.
    public var closingGate: Gate? {
        if isExcludedNow { return .region }
        return notice == nil ? .notice : nil
    }

    /// The first gate, in the announced order, that keeps a chat of the product and instant out;
    /// `nil` when it counts.
    public func gate(of source: ProductNumber, at time: Timestamp) -> Gate? {
        if isExcludedNow || regions.isExcluded(at: time) { return .region }
        if time < effective { return .effective }
        guard let notice, notice <= time else { return .notice }
        return reaches(source) ? nil : .link
    }

    /// A chat that names no product is the surface's own. One that does needs a surface whose product
    /// is known: where nobody said whose a surface is, nobody can tell that it is linked.
    private func reaches(_ source: ProductNumber) -> Bool {
        if source == .unnamed { return true }
        guard let product else { return false }
        return source == product || (linked.contains(source) && linked.contains(product))
    }
}
