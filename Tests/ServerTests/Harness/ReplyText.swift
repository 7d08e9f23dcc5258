/// Replies in a notation for people, so that a test reads as a conversation: `+OK`, `-ERR ...`,
/// `:3`, `"text"`, `nil`, `[a, b]`, and of RESP3 `,0.5`, `#t`, `{key: value}`, `~[a]`, `=txt:text`.
enum ReplyText {
    /// Where the first reply of the bytes ends; `nil` when it is not all there.
    static func end(of bytes: [UInt8]) -> Int? {
        var reader = Reader(bytes: bytes)
        return reader.next() == nil ? nil : reader.position
    }

    /// A whole reply in the notation.
    static func notation(of bytes: [UInt8]) -> String {
        var reader = Reader(bytes: bytes)
        return reader.next() ?? "half of a reply"
    }

    private struct Reader {
        let bytes: [UInt8]
        var position = 0

        mutating func next() -> String? {
            guard let line = line(), let mark = line.first else { return nil }
            let rest = line.dropFirst()
            switch mark {
            case "$": return Int(rest).flatMap { $0 < 0 ? "nil" : text($0).map { "\"\($0)\"" } }
            case "=": return Int(rest).flatMap { text($0).map { "=\($0)" } }
            case "*": return Int(rest).flatMap { $0 < 0 ? "nil" : list($0).map { "[\($0)]" } }
            case "~": return Int(rest).flatMap { list($0).map { "~[\($0)]" } }
            case "%": return Int(rest).flatMap { fields($0).map { "{\($0)}" } }
            case "_": return "nil"
            default: return line
            }
        }

        private mutating func line() -> String? {
            guard let end = bytes[position...].firstIndex(of: 13), end + 1 < bytes.count else {
                return nil
            }
            defer { position = end + 2 }
            return String(decoding: bytes[position..<end], as: UTF8.self)
        }

        private mutating func text(_ count: Int) -> String? {
            guard position + count + 2 <= bytes.count else { return nil }
            defer { position += count + 2 }
            return String(decoding: bytes[position..<position + count], as: UTF8.self)
        }

        private mutating func list(_ count: Int) -> String? {
            var elements: [String] = []
            for _ in 0..<count {
                guard let element = next() else { return nil }
                elements.append(element)
            }
            return elements.joined(separator: ", ")
        }

        private mutating func fields(_ count: Int) -> String? {
            var fields: [String] = []
            for _ in 0..<count {
                guard let key = next(), let value = next() else { return nil }
                fields.append("\(key): \(value)")
            }
            return fields.joined(separator: ", ")
        }
    }
}
