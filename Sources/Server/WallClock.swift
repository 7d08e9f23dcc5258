import Dispatch
import Domain
import Foundation

/// The clock that requests and signals without a time of their own go by.
enum WallClock {
    static var now: Timestamp {
        do throws(DomainError) {
            return try Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000))
        } catch {
            return .zero  // a machine whose clock is not set
        }
    }

    /// Nanoseconds from an arbitrary instant, for durations: CLOCK_MONOTONIC, which the core's
    /// deadlines are on.
    static var monotonicNanoseconds: Int64 { Int64(DispatchTime.now().uptimeNanoseconds) }
}
