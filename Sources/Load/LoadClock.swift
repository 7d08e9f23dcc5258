import NIOCore

/// The clock of all that is measured: the event loops' own, in nanoseconds, which never goes back.
enum LoadClock {
    static var now: UInt64 { NIODeadline.now().uptimeNanoseconds }

    static func nanoseconds(_ seconds: Double) -> UInt64 { UInt64(seconds * 1e9) }
}
