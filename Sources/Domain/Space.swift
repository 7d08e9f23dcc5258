/// A named vector space in which items and signals meet.
public enum Space: String, Sendable, CaseIterable {
    /// What an item's text says: built in, symmetric, unit length.
    case text
    /// What behaviour says: the operator's own, two-sided, values in [-1, 1] on one scale.
    case taste
}
