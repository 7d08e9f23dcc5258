/// Which side of the policy a request stands on.
public enum Lane: String, Sendable, CaseIterable {
    case ads, content

    public init(_ text: String) throws(DomainError) {
        guard let lane = Lane(rawValue: text.lowercased()) else { throw .lane(text) }
        self = lane
    }
}
