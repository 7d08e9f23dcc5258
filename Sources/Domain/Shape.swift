/// What a signal's dot product with a candidate becomes before it is weighed and summed.
public enum Shape: String, Sendable, CaseIterable {
    /// As it is: all signals of the class fold into one direction, which costs one dot.
    case linear
    /// max(0, x): an interest the candidate has nothing to do with does not count against it.
    case positive

    public init(_ text: String) throws(DomainError) {
        guard let shape = Shape(rawValue: text.lowercased()) else { throw .shape(text) }
        self = shape
    }
}
