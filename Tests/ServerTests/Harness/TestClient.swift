import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A client that speaks bytes over a blocking socket; its calls block its own thread, never one
/// of the test's.
///
/// Every wait ends after `patienceSeconds`, so that a server that does not answer fails the test
/// instead of stopping it.
final class TestClient: Sendable {
    enum Failure: Error {
        case connect(Int32)
        case send(Int32)
        case receive(Int32)
        /// The connection ended, or nothing came in time.
        case ended(after: [UInt8])
    }

    private static let patienceSeconds = 60

    private let descriptor: Int32
    private let queue = DispatchQueue(label: "test client")
    /// Bytes that have come and belong to later replies.
    private let received = Mutex<[UInt8]>([])

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { _ = Glibc.close(descriptor) }

    /// - Parameter receiveBytesMax: The socket's buffer for what the client has not read.
    static func connect(to port: Int, receiveBytesMax: Int32? = nil) async throws -> TestClient {
        let client = TestClient(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        try await client.onQueue { try client.open(port, receiveBytesMax) }
        return client
    }

    // MARK: Whole replies

    /// Sends a command and returns its reply in the notation of `ReplyText`.
    func ask(_ words: [[UInt8]]) async throws -> String {
        try await send(encoded(words))
        return try await reply()
    }

    /// The same for a command as a person writes it; see `words(of:)`.
    func ask(_ line: String) async throws -> String { try await ask(words(of: line)) }

    /// The next reply.
    func reply() async throws -> String { ReplyText.notation(of: try await replyBytes()) }

    /// The next reply as it came.
    func replyBytes() async throws -> [UInt8] {
        try await onQueue { [self] in
            var bytes = received.withLock { exchange(&$0, with: []) }
            while true {
                if let end = ReplyText.end(of: bytes) {
                    let rest = Array(bytes[end...])
                    received.withLock { $0 = rest }
                    return Array(bytes[..<end])
                }
                let more = try receive()
                guard !more.isEmpty else { throw Failure.ended(after: bytes) }
                bytes += more
            }
        }
    }

    // MARK: Bytes

    func send(_ bytes: [UInt8]) async throws {
        try await onQueue { [self] in
            var sent = 0
            while sent < bytes.count {
                let count = bytes[sent...].withUnsafeBytes {
                    Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { throw Failure.send(errno) }
                sent += count
            }
        }
    }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    /// Sends as much as the server takes before it hangs up.
    func sendUntilRefused(_ bytes: [UInt8]) async {
        do { try await send(bytes) } catch {}
    }

    /// All that comes until the server ends the connection.
    func readToEnd() async throws -> String {
        let bytes = try await onQueue { [self] in
            var bytes = received.withLock { exchange(&$0, with: []) }
            while true {
                let more = try receive()
                guard !more.isEmpty else { return bytes }
                bytes += more
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Sends no more; replies can still be read.
    func finishSending() { _ = shutdown(descriptor, Int32(SHUT_WR)) }

    /// Ends the connection without reading what has come.
    func disconnect() { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }

    // MARK: The socket

    private func open(_ port: Int, _ receiveBytesMax: Int32?) throws {
        if var bytes = receiveBytesMax {
            _ = setsockopt(
                descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
        }
        var patience = timeval(tv_sec: Self.patienceSeconds, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            _ = setsockopt(
                descriptor, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure.connect(errno) }
    }

    /// What has come, at least one byte; empty at the end.
    private func receive() throws -> [UInt8] {
        let capacity = 65_536
        var result = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            result = recv(descriptor, buffer.baseAddress, capacity, 0)
            count = max(0, result)
        }
        guard result >= 0 else { throw Failure.receive(errno) }
        return bytes
    }

    private func onQueue<Result: Sendable>(
        _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Swift.Result { try body() }) }
        }
    }
}

/// Words between spaces; those in double quotes may hold spaces.
func words(of line: String) -> [[UInt8]] {
    var words: [[UInt8]] = []
    for (index, part) in line.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
    {
        if index % 2 == 1 {
            words.append(Array(part.utf8))
        } else {
            words += part.split(separator: " ").map { Array($0.utf8) }
        }
    }
    return words
}

/// A command as an array of bulk strings.
func encoded(_ words: [[UInt8]]) -> [UInt8] {
    words.reduce(into: Array("*\(words.count)\r\n".utf8)) { bytes, word in
        bytes += Array("$\(word.count)\r\n".utf8) + word + [13, 10]
    }
}

func encoded(_ line: String) -> [UInt8] { encoded(words(of: line)) }
