import Foundation

/// A response as it came.
struct HTTPReply: Sendable {
    let status: Int
    /// By name in small letters.
    let headers: [String: String]
    let body: String
    /// The body as it came, also when it is no text.
    let bytes: [UInt8]

    /// The body as JSON; an empty object when it is none.
    var json: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(body.utf8))) as? [String: Any] ?? [:]
    }

    /// The last part of a problem's type, with the field at fault: `invalid-value /region`.
    var problem: String {
        let type = (json["type"] as? String)?.split(separator: ":").last.map(String.init) ?? "none"
        return type + " " + (json["field"] as? String ?? "-")
    }

    /// The first reply in the bytes and its length; `nil` when more bytes must come.
    static func parse(_ bytes: [UInt8], toHead: Bool) -> (HTTPReply, Int)? {
        guard let headEnd = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: bytes[..<headEnd.lowerBound], as: UTF8.self)
            .components(separatedBy: "\r\n")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] =
                line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
        let status = Int(lines[0].split(separator: " ")[1]) ?? 0
        let rest = bytes[headEnd.upperBound...]
        func made(_ body: some Sequence<UInt8>, _ count: Int) -> (HTTPReply, Int) {
            let bytes = Array(body)
            let text = String(decoding: bytes, as: UTF8.self)
            return (HTTPReply(status: status, headers: headers, body: text, bytes: bytes), count)
        }
        if toHead || status == 204 || status == 100 { return made([], headEnd.upperBound) }
        if headers["transfer-encoding"] == "chunked" {
            guard let (body, end) = chunked(rest) else { return nil }
            return made(body, end)
        }
        let count = Int(headers["content-length"] ?? "0") ?? 0
        guard rest.count >= count else { return nil }
        return made(rest.prefix(count), headEnd.upperBound + count)
    }

    private static func chunked(_ bytes: ArraySlice<UInt8>) -> ([UInt8], Int)? {
        var body: [UInt8] = []
        var rest = bytes
        while let line = rest.firstRange(of: [13, 10]) {
            let size = String(decoding: rest[..<line.lowerBound], as: UTF8.self)
            guard let count = Int(size, radix: 16) else { return nil }
            let end = line.upperBound + count + 2
            guard end <= rest.endIndex else { return nil }
            body += rest[line.upperBound..<line.upperBound + count]
            rest = rest[end...]
            if count == 0 { return (body, end) }
        }
        return nil
    }
}
