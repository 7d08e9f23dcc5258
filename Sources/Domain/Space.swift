/// A named vector space in which items and signals meet.
public enum Space: String, Sendable, CaseIterable {
    /// What an item's text says: built in, symmetric, unit length.
    case text
    /// What behaviour says: the operator's own, two-sided, values in [-1, 1] on one scale.
    case taste

    /// The space that the bytes name, in any case.
    public init(bytes: Span<UInt8>) throws(DomainError) {
        if bytes.matchesIgnoringCase("text") {
            self = .text
        } else if bytes.matchesIgnoringCase("taste") {
            self = .taste
        } else {
            throw .space(bytes.excerpt)
        }
    }
}
