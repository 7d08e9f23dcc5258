import Domain

/// What the policy and a user's settings say of chats in a request, whatever has been said: for
/// explanations. It is told no chat, so nothing that it says can hint at one.
public struct ChatRules: Sendable, Equatable {
    /// In the order of gates: those that keep every chat out of the request, and those that keep some
    /// kinds of chat out of every request of this kind.
    public let gates: [Gate]

    /// - Parameters:
    ///   - region: The user's region at the request's clock.
    ///   - restriction: The region that the request names.
    ///   - notice: When the user was told, if ever.
    ///   - clock: The request's.
    ///   - linked: The products whose accounts the user has linked.
    ///   - product: The surface's product.
    public init(
        policy: PolicyTable, region: Region, restriction: Region?, notice: Timestamp?,
        clock: Timestamp, product: ProductNumber?, linked: ProductSet
    ) {
        var gates: [Gate] = []
        if policy.excludes(region) || (restriction.map(policy.excludes) ?? false) {
            gates.append(.region)
        }
        if clock < policy.effective { gates.append(.effective) }
        if notice.map({ $0 > clock }) ?? true { gates.append(.notice) }
        let takesOthers = product.map(policy.counted(linked).contains) ?? false
        if !takesOthers { gates.append(.link) }
        self.gates = gates + [.sensitive]
    }
}

extension Gate {
    /// The announced rule in general words, which say nothing of what anybody has said.
    public var rule: String {
        switch self {
        case .duplicate: "an event counts once"
        case .region: "chat of people in this region is not used"
        case .effective: "chat of before the effective date is not used"
        case .notice: "chat is used only from a notice to the user on"
        case .link: "chat to another product is used only while the accounts are linked"
        case .language: "chat whose language cannot be told is not used"
        case .sensitive: "chat on sensitive matters is not used"
        case .noTopic: "chat is used by everyday topics only"
        }
    }
}
