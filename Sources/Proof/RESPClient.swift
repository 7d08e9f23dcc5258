import Glibc

/// A connection to a server: commands out, the bytes of their replies in, in order.
final class RESPClient {
    private static let patienceSeconds = 60
    private static let receiveBytes = 65_536

    private let descriptor: Int32
    private var received: [UInt8] = []
    private var position = 0

    /// - Parameter address: `host:port`.
    init(_ address: String) throws(ProofError) {
        guard let colon = address.lastIndex(of: ":"),
            let descriptor = Self.connect(
                String(address[..<colon]), String(address[address.index(after: colon)...]))
        else { throw ProofError("nothing answers at '\(address)': expected host:port") }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Sends commands at once and waits for the reply to each.
    func ask(_ commands: [[[UInt8]]]) throws(ProofError) -> [[UInt8]] {
        var bytes: [UInt8] = []
        for words in commands {
            bytes += "*\(words.count)\r\n".utf8
            for word in words {
                bytes += "$\(word.count)\r\n".utf8
                bytes += word
                bytes += [13, 10]
            }
        }
        try send(bytes)
        var replies: [[UInt8]] = []
        for _ in commands { replies.append(try reply()) }
        return replies
    }

    func ask(_ words: String...) throws(ProofError) -> String {
        String(decoding: try ask([words.map { Array($0.utf8) }])[0], as: UTF8.self)
    }

    // MARK: Replies

    private func reply() throws(ProofError) -> [UInt8] {
        while true {
            if let end = end(ofReplyAt: position) {
                defer { position = end }
                return Array(received[position..<end])
            }
            received.removeSubrange(..<position)
            position = 0
            try receive()
        }
    }

    /// Where the reply that begins at `start` ends; `nil` while it is not all there.
    private func end(ofReplyAt start: Int) -> Int? {
        guard let lineEnd = received[start...].firstIndex(of: 10) else { return nil }
        let next = lineEnd + 1
        let count = Int(String(decoding: received[start + 1..<lineEnd - 1], as: UTF8.self)) ?? 0
        switch received[start] {
        case UInt8(ascii: "$"):
            if count < 0 { return next }
            return next + count + 2 <= received.count ? next + count + 2 : nil
        case UInt8(ascii: "*"):
            var end = next
            for _ in 0..<max(0, count) {
                guard end < received.count, let after = self.end(ofReplyAt: end) else {
                    return nil
                }
                end = after
            }
            return end
        default: return next
        }
    }

    // MARK: The socket

    private func send(_ bytes: [UInt8]) throws(ProofError) {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe write(descriptor, buffer.baseAddress?.advanced(by: sent), bytes.count - sent)
            }
            guard count > 0 else { throw ProofError("the server has hung up") }
            sent += count
        }
    }

    private func receive() throws(ProofError) {
        var bytes = [UInt8](repeating: 0, count: Self.receiveBytes)
        let count = unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe read(descriptor, buffer.baseAddress, buffer.count)
        }
        guard count > 0 else { throw ProofError("the server has not answered, or has hung up") }
        received += bytes[..<count]
    }

    private static func connect(_ host: String, _ port: String) -> Int32? {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, port, &hints, &list) == 0 else { return nil }
        defer { unsafe freeaddrinfo(list) }
        var next = unsafe list
        while let address = unsafe next {
            let info = unsafe address.pointee
            let descriptor = unsafe socket(info.ai_family, info.ai_socktype, info.ai_protocol)
            if descriptor >= 0 {
                var patience = timeval(tv_sec: patienceSeconds, tv_usec: 0)
                for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
                    unsafe setsockopt(
                        descriptor, SOL_SOCKET, option, &patience,
                        socklen_t(MemoryLayout<timeval>.size))
                }
                if unsafe Glibc.connect(descriptor, info.ai_addr, info.ai_addrlen) == 0 {
                    return descriptor
                }
                close(descriptor)
            }
            unsafe next = info.ai_next
        }
        return nil
    }
}
