import NIOCore

/// When the bytes that an event loop reads have come, at the earliest: a request's budget counts from
/// there, so that the time in queues counts too.
///
/// A loop goes in ticks: it asks which sockets have bytes, reads them, carries the commands out, and
/// asks again. What is read in a tick that follows another one without rest may have come while that
/// one was at work, so it counts from that one's beginning; what is read after a rest has just come.
/// Bytes that a full socket kept longer than a tick are older than is said here.
///
/// Ticks are looked at from the first budget on: before, the clock costs nothing.
final class ArrivalClock {
    /// Between two ticks that follow each other without rest.
    private static let restNanoseconds: Int64 = 100_000

    private let eventLoop: any EventLoop
    private var isUsed = false
    private var isInTick = false
    private var began: Int64 = 0
    private var ended: Int64 = 0
    /// Of what is read now, on the monotonic clock; `nil` before there is a budget.
    private(set) var earliest: Int64?

    init(eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    /// A budget has come: from the next tick on, arrivals are known.
    func use() { isUsed = true }

    /// Bytes are read. The loop carries tasks out when it has read every socket.
    func read() {
        guard isUsed, !isInTick else { return }
        isInTick = true
        let now = WallClock.monotonicNanoseconds
        earliest = now - ended < Self.restNanoseconds ? began : now
        began = now
        let clock = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.execute { clock.value.end() }
    }

    /// The loop has been at work outside of its reading: HTTP's requests are tasks of their own.
    func work() { ended = WallClock.monotonicNanoseconds }

    private func end() {
        isInTick = false
        ended = WallClock.monotonicNanoseconds
    }
}
