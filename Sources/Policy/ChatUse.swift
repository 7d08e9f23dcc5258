import Domain

/// Whether chats that a profile holds may count in one request: the policy as a mask at read time.
///
/// What changed since a chat was taken (the user moved, a link was cut, the policy is another) takes
/// effect here, on the next request.
public struct ChatUse: Sendable, Equatable {
    /// Chats of an earlier instant do not count.
    private let earliest: Timestamp
    private let isOpen: Bool
    /// The product that the surface belongs to; `nil` takes chats of every product.
    private let product: ProductNumber?
    private let linked: ProductSet

    /// - Parameters:
    ///   - region: The user's region at the request's clock.
    ///   - restriction: The region that the request names, which can only restrict.
    ///   - notice: When the user was told, if ever.
    ///   - product: The surface's product.
    ///   - links: The products whose accounts the user has linked.
    public init(
        policy: PolicyTable, region: Region, restriction: Region?, notice: Timestamp?,
        product: ProductNumber?, links: ProductSet
    ) {
        let isExcluded = policy.excludes(region) || policy.excludes(restriction ?? region)
        isOpen = !isExcluded && (!policy.requiresNotice || notice != nil)
        earliest = policy.requiresNotice ? max(policy.effective, notice ?? .zero) : policy.effective
        self.product = policy.requiresLink ? product : nil
        linked = links
    }

    /// Whether chats of the product count at all.
    public func admits(_ source: ProductNumber) -> Bool {
        guard isOpen else { return false }
        guard let product, source != .unnamed, source != product else { return true }
        return linked.contains(source) && linked.contains(product)
    }

    /// Whether a chat of the instant counts, its product admitted.
    public func admits(at time: Timestamp) -> Bool { isOpen && time >= earliest }
}
