import Domain

/// When a user was in an excluded region: the history of regions, seen through a policy.
///
/// Built for each request without allocating. Where nothing is known, all of time is excluded.
public struct RegionHistory: Sendable {
    private var starts = InlineArray<8, Int64>(repeating: 0)
    /// One bit for each period.
    private var excluded: UInt8 = 0
    private var count = 0

    public init() {}

    /// Adds the period that begins at `start`, later than those before; the first holds backwards.
    public mutating func append(from start: Timestamp, _ region: Region, policy: PolicyTable) {
        precondition(count < Limits.regionHistoryMax, "a history has so many periods")
        starts[count] = start.milliseconds
        if policy.excludes(region) { excluded |= 1 << UInt8(count) }
        count += 1
    }

    /// Whether the user was in an excluded region at an instant.
    public func isExcluded(at time: Timestamp) -> Bool {
        guard count > 0 else { return true }
        guard excluded != 0 else { return false }
        var period = 0
        while period + 1 < count, starts[period + 1] <= time.milliseconds { period += 1 }
        return excluded >> UInt8(period) & 1 != 0
    }
}
