#if canImport(Glibc)
    import Glibc
#endif

/// What the system says of this process.
struct ProcessUsage {
    let processorSeconds: Double
    let residentBytesMax: Int

    static var now: ProcessUsage {
        var usage = rusage()
        unsafe getrusage(RUSAGE_SELF.rawValue, &usage)
        func seconds(_ time: timeval) -> Double {
            Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000
        }
        return ProcessUsage(
            processorSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime),
            residentBytesMax: usage.ru_maxrss * 1_024)
    }
}
