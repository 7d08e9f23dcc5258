import NIOCore
import Wire

/// What the front asks to be done: the server carries the commands out.
package protocol CommandService: Sendable {
    /// Whether requests are to be sent here: not while data is loaded, nor while the server stops.
    var isReady: Bool { get }

    /// Whether a request with this bearer token may do anything.
    func admits(bearer token: String?) -> Bool

    /// All metrics, in Prometheus' text format.
    func metrics() async -> ByteBuffer

    /// Begins a series of commands.
    ///
    /// - Parameter eventLoop: That of the connection; it carries the commands out.
    func makeSession(on eventLoop: any EventLoop) -> any CommandSession
}

/// Commands that belong together, as those of one RESP connection do. One at a time.
package protocol CommandSession: Sendable {
    /// Carries a command out, and gives its reply as one JSON text.
    func run(_ request: CommandRequest) async -> ByteBuffer

    /// Ends the series; a catalogue that it has begun and not ended is thrown away.
    func end() async
}
