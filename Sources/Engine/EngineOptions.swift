import Domain
import Policy

/// What an engine is made of, fixed for its life.
package struct EngineOptions: Sendable {
    /// Dimensions of the operator's taste space; 0 is a server without one.
    package var tasteDimension = Limits.tasteDimensionDefault
    package var policy = PolicyTable.announced
    /// Names the policy in `EXPLAIN` and `INFO`.
    package var policyDigest: String
    package var surfaces: [Surface] = []
    /// The closed list of everyday topics, in the order of their numbers.
    package var topics: [(name: String, row: TextRow)] = []
    /// Shards of users, a power of two: each has a lock and an arena of its own.
    package var shardsCount = 64

    package init(policyDigest: String) { self.policyDigest = policyDigest }
}
