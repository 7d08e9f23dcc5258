import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A client that speaks bytes over a blocking socket; its calls block a thread of their own. Every
/// wait ends after `patienceSeconds`.
final class SocketClient: Sendable {
    enum Failure: Error {
        case connect(Int32)
        case send(Int32)
        case receive(Int32)
        case ended(after: String)
    }

    private static let patienceSeconds = 60

    private let descriptor: Int32
    private let queue = DispatchQueue(label: "socket client")
    /// Bytes that have come and belong to later replies.
    private let received = Mutex<[UInt8]>([])

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { _ = Glibc.close(descriptor) }

    static func connect(to port: Int) async throws -> SocketClient {
        let client = SocketClient(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        try await client.onQueue { try client.open(port) }
        return client
    }

    // MARK: HTTP

    /// Sends a request, such as `PUT /v1/items/a`, and returns its reply.
    ///
    /// - Parameter type: The body's media type; JSON when there is a body and nothing is said.
    func ask(
        _ line: String, _ body: String? = nil, headers: [String] = [], type: String? = nil
    ) async throws -> HTTPReply {
        var lines = ["\(line) HTTP/1.1", "Host: localhost"] + headers
        if let body {
            lines.append("Content-Type: \(type ?? "application/json")")
            lines.append("Content-Length: \(body.utf8.count)")
        }
        try await send(lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? ""))
        return try await reply(toHead: line.hasPrefix("HEAD "))
    }

    /// Posts a body of JSON as it is packed.
    func post(
        _ path: String, _ body: [UInt8], headers: [String] = []
    ) async throws -> HTTPReply {
        let lines =
            ["POST \(path) HTTP/1.1", "Host: localhost", "Content-Type: application/json"]
            + headers + ["Content-Length: \(body.count)", "", ""]
        try await send(Array(lines.joined(separator: "\r\n").utf8) + body)
        return try await reply()
    }

    /// The next reply.
    func reply(toHead: Bool = false) async throws -> HTTPReply {
        try await onQueue { [self] in
            var bytes = received.withLock { exchange(&$0, with: []) }
            while true {
                if let (reply, count) = HTTPReply.parse(bytes, toHead: toHead) {
                    let rest = Array(bytes[count...])
                    received.withLock { $0 = rest }
                    return reply
                }
                let more = try receive()
                guard !more.isEmpty else {
                    throw Failure.ended(after: String(decoding: bytes, as: UTF8.self))
                }
                bytes += more
            }
        }
    }

    // MARK: Bytes

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

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

    /// What has come, at least one byte.
    func some() async throws -> [UInt8] {
        try await onQueue { [self] in
            let bytes = try receive()
            guard !bytes.isEmpty else { throw Failure.ended(after: "") }
            return bytes
        }
    }

    /// All that comes until the server ends the connection.
    func readToEnd() async throws -> [UInt8] {
        try await onQueue { [self] in
            var bytes = received.withLock { exchange(&$0, with: []) }
            while true {
                let more = try receive()
                guard !more.isEmpty else { return bytes }
                bytes += more
            }
        }
    }

    /// Sends no more; replies can still be read.
    func finishSending() { _ = shutdown(descriptor, Int32(SHUT_WR)) }

    // MARK: The socket

    private func open(_ port: Int) throws {
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
