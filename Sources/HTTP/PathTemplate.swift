/// A path with places for names: `/v1/users/{user}/signals/{event}`.
struct PathTemplate: Sendable {
    private enum Segment: Sendable {
        case word(String)
        case name
    }

    /// As the OpenAPI document writes it.
    let text: String
    private let segments: [Segment]

    init(_ text: String) {
        self.text = text
        segments = text.split(separator: "/").map { part in
            part.hasPrefix("{") ? .name : .word(String(part))
        }
    }

    /// Whether it has no places for names.
    var isFixed: Bool {
        segments.allSatisfy { if case .word = $0 { true } else { false } }
    }

    /// The names in the path's places; `nil` when it is another path.
    func names(in path: RequestPath) -> [String]? {
        guard path.segments.count == segments.count else { return nil }
        var names: [String] = []
        for (segment, part) in zip(segments, path.segments) {
            switch segment {
            case .word(let word): guard part == word else { return nil }
            case .name: names.append(part)
            }
        }
        return names
    }
}

/// The path of a request, in segments. A segment is decoded after the path is split, so `%2F` is a
/// slash within a name and never one between two.
struct RequestPath: Sendable {
    let segments: [String]

    /// Throws for what other programs on the way may read as another path: an empty segment, `.`
    /// and `..`, also encoded, and what is no percent-encoded UTF-8.
    init(_ path: Substring) throws(Problem) {
        guard path.first == "/" else {
            throw Problem(.malformedRequest, field: "path", "the path does not begin with '/'")
        }
        guard path != "/" else {
            segments = []
            return
        }
        var segments: [String] = []
        for part in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard let text = PercentEncoding.decoded(part) else {
                throw Problem(
                    .malformedRequest, field: "path",
                    "a part of the path is not percent-encoded UTF-8")
            }
            guard !text.isEmpty, text != ".", text != ".." else {
                throw Problem(
                    .malformedRequest, field: "path", "a part of the path is empty, '.' or '..'")
            }
            segments.append(text)
        }
        self.segments = segments
    }
}

enum PercentEncoding {
    /// `nil` when a `%` is not followed by two hexadecimal digits, or the result is not UTF-8.
    static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(digit),
                let low = rest.popFirst().flatMap(digit)
            else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        Character(Unicode.Scalar(byte)).isASCII
            ? Character(Unicode.Scalar(byte)).hexDigitValue.map(UInt8.init) : nil
    }
}
