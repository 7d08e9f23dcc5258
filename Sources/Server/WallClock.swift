import Domain

#if canImport(Glibc)
    import Glibc
#endif

/// The clock that requests and signals without a time of their own go by.
enum WallClock {
    static var now: Timestamp {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        let milliseconds = Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
        do throws(DomainError) {
            return try Timestamp(milliseconds: milliseconds)
        } catch {
            return .zero  // a machine whose clock is not set
        }
    }

    /// Nanoseconds from an arbitrary instant, for durations.
    static var monotonicNanoseconds: Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
