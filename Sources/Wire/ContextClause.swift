import Domain

/// One `CONTEXT` of a request: what is going on right now. The ranges lie in the command's bytes,
/// and what they hold has been checked.
package enum ContextClause: Sendable, Equatable {
    case text(ByteRange)
    case topic(ByteRange)
    case item(ByteRange)
    /// Little-endian floats; the engine checks their number.
    case vector(Space, ByteRange)
}

/// The contexts of one request, in place: at most `Limits.contextsMax`.
package struct ContextClauses: Sendable, Equatable {
    private var clauses = InlineArray<8, ContextClause>(
        repeating: .text(ByteRange(offset: 0, count: 0)))
    package private(set) var count = 0

    package init() {}

    package var indices: Range<Int> { 0..<count }

    package subscript(index: Int) -> ContextClause {
        precondition(index < count, "no such context")
        return clauses[index]
    }

    /// False, and nothing done, when there are `Limits.contextsMax` already.
    package mutating func append(_ clause: ContextClause) -> Bool {
        guard count < clauses.count else { return false }
        clauses[count] = clause
        count += 1
        return true
    }

    package static func == (left: ContextClauses, right: ContextClauses) -> Bool {
        left.count == right.count && left.indices.allSatisfy { left[$0] == right[$0] }
    }
}
