import Synchronization

/// What the server counts about its connections: shared by all event loops, read by `INFO`.
package final class ServerCounters: Sendable {
    package let connectionsAccepted = Atomic<Int>(0)
    package let connectionsOpen = Atomic<Int>(0)
    /// Beyond `connections_max`.
    package let connectionsRefused = Atomic<Int>(0)
    package let commands = Atomic<Int>(0)
    /// Answered with an error.
    package let commandErrors = Atomic<Int>(0)
    /// Bytes that are no RESP: the connection ends.
    package let protocolErrors = Atomic<Int>(0)
    /// Clients that left their replies unread.
    package let slowReaders = Atomic<Int>(0)
    /// Clients that began a command and did not end it.
    package let slowWriters = Atomic<Int>(0)
    /// Requests that a gate has kept something out of.
    let masked = GateCounters()
    package let scansOffloaded = Atomic<Int>(0)
    /// Requests whose budget was over before they began.
    package let requestsShed = Atomic<Int>(0)
    /// Replies that cover a part of the candidates: their budget ran out.
    package let repliesPartial = Atomic<Int>(0)
    package let bidRequests = Atomic<Int>(0)

    package init() {}
}

extension Atomic<Int> {
    func increment() { wrappingAdd(1, ordering: .relaxed) }
    func decrement() { wrappingSubtract(1, ordering: .relaxed) }
    package var value: Int { load(ordering: .relaxed) }
}
