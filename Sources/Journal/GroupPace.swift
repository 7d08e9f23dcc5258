import Domain

/// How long the next group of `always` stays open for records that are about to come.
///
/// A sync takes as long for one record as for fifty. Most who are answered come back at once, but
/// not before the next sync has begun with the few that came meanwhile; from then on two halves take
/// turns, and each pays for a sync of the other's. So after a sync the group waits until as many are
/// there again as were outstanding, and no longer than that sync took. When it has waited in vain it
/// does not for a while, longer each time.
///
/// A value that knows no clock.
struct GroupPace {
    /// Records that were outstanding at the last sync, and how long it took.
    private var awaited = 0
    private var nanoseconds = 0
    /// Groups that do not wait: how many still, and how many after the last that waited in vain.
    private var skipsLeft = 0
    private var skips = 0

    /// `nil` when there is nobody to wait for.
    var gathering: AppendQueue.Gathering? {
        guard awaited > 1, skipsLeft == 0 else { return nil }
        return AppendQueue.Gathering(
            recordsMin: awaited,
            nanoseconds: min(nanoseconds, Limits.journalGroupWaitNanosecondsMax))
    }

    /// A group was taken as `gathering` said.
    mutating func took(_ count: Int) {
        guard count > 0 else { return }
        if gathering == nil {
            skipsLeft = max(0, skipsLeft - 1)
        } else if count >= awaited - awaited / 4 {
            skips = 0
        } else {
            skips = min(2 * skips + 1, Limits.journalGroupSkipsMax)
            skipsLeft = skips
        }
        awaited = 0
    }

    mutating func synced(outstanding: Int, nanoseconds: Int) {
        awaited = outstanding
        self.nanoseconds = nanoseconds
    }
}

extension AppendQueue.Gathering {
    /// Where nobody waits for the disk: what comes within some milliseconds is one row.
    static let unhurried = AppendQueue.Gathering(
        recordsMin: .max, nanoseconds: Limits.journalGatherMilliseconds * 1_000_000)
}
