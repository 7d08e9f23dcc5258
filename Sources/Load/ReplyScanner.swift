import Domain

/// Finds where replies end in the bytes of a server, in RESP2 and RESP3, without building them.
///
/// It keeps its place between reads, also in the middle of a reply, so the bytes behind it can be
/// dropped: a reply of megabytes costs no memory. What it tells of a reply is only whether it is an
/// error, and of which sort.
struct ReplyScanner {
    enum Outcome: Equatable {
        /// Data of any shape, or a line.
        case value
        /// Nothing: a null, which a template that asks for missing keys gets.
        case null
        /// The first words of `IGNORED gate`, a signal that the policy kept out.
        case ignored(String)
        /// The first word of an error and the whole of it.
        case error(word: String, message: String)
    }

    /// The bytes are not RESP.
    struct Failure: Error, Equatable {
        let message: String
    }

    /// Values that the reply at hand still has to have; 0 between replies.
    private var valuesLeft = 0
    /// Bytes of a bulk string with its line end that have not come yet.
    private var bytesToSkip = 0
    /// What the first line of the reply at hand has said.
    private var outcome = Outcome.value
    /// The reply at hand is a push, which answers nothing.
    private var isPush = false

    /// Moves `position` over what it has understood; returns when a reply is complete, or `nil`
    /// when more must come. Bytes before `position` need not be kept.
    mutating func next(
        in bytes: Span<UInt8>, from position: inout Int
    ) throws(Failure) -> Outcome? {
        while true {
            if bytesToSkip > 0 {
                let count = min(bytesToSkip, bytes.count - position)
                position += count
                bytesToSkip -= count
                guard bytesToSkip == 0 else { return nil }
                valuesLeft -= 1
            } else {
                let isFirst = valuesLeft == 0
                if isFirst { outcome = .value }
                guard let end = try lineEnd(in: bytes, from: position) else { return nil }
                if isFirst { valuesLeft = 1 }
                try take(bytes.extracting(position..<end), isFirst: isFirst)
                position = end + 2
            }
            if valuesLeft == 0, bytesToSkip == 0 {
                guard isPush else { return outcome }
                isPush = false
            }
        }
    }

    /// Where the CR LF of a line is.
    private func lineEnd(
        in bytes: Span<UInt8>, from position: Int
    ) throws(Failure) -> Int? {
        var end = position
        while end < bytes.count, bytes[end] != UInt8(ascii: "\r") { end += 1 }
        guard end - position <= Limits.inlineBytesMax else {
            throw Failure(message: "a line of more than \(Limits.inlineBytesMax) bytes")
        }
        guard end + 1 < bytes.count else { return nil }
        guard bytes[end + 1] == UInt8(ascii: "\n") else {
            throw Failure(message: "a CR without its LF")
        }
        return end
    }

    private mutating func take(_ line: Span<UInt8>, isFirst: Bool) throws(Failure) {
        guard !line.isEmpty else { throw Failure(message: "an empty line where a reply begins") }
        switch line[0] {
        case UInt8(ascii: "+"):
            if isFirst, line.count > 1, line[1] == UInt8(ascii: "I") { noteIgnored(line) }
            valuesLeft -= 1
        case UInt8(ascii: "-"):
            if isFirst { noteError(Self.text(of: line)) }
            valuesLeft -= 1
        case UInt8(ascii: ":"), UInt8(ascii: ","), UInt8(ascii: "#"), UInt8(ascii: "("):
            valuesLeft -= 1
        case UInt8(ascii: "_"):
            if isFirst { outcome = .null }
            valuesLeft -= 1
        case UInt8(ascii: "$"), UInt8(ascii: "="): try takeBulk(line, isFirst: isFirst)
        case UInt8(ascii: "!"):
            try takeBulk(line, isFirst: isFirst)
            if isFirst { outcome = .error(word: "error", message: "an error as a bulk string") }
        case UInt8(ascii: "*"), UInt8(ascii: "~"): try takeArray(line, isFirst: isFirst)
        case UInt8(ascii: "%"): valuesLeft += 2 * (try count(line)) - 1
        case UInt8(ascii: "|"): valuesLeft += 2 * (try count(line))
        case UInt8(ascii: ">"):
            isPush = isPush || isFirst
            valuesLeft += try count(line) - 1
        default:
            throw Failure(message: "'\(Self.excerpt(of: line))' where a reply begins")
        }
    }

    private mutating func takeBulk(_ line: Span<UInt8>, isFirst: Bool) throws(Failure) {
        let count = try count(line)
        if count < 0 {
            if isFirst { outcome = .null }
            valuesLeft -= 1
        } else {
            bytesToSkip = count + 2
        }
    }

    private mutating func takeArray(_ line: Span<UInt8>, isFirst: Bool) throws(Failure) {
        let count = try count(line)
        if count < 0, isFirst { outcome = .null }
        valuesLeft += max(count, 0) - 1
    }

    /// The number behind a line's mark.
    private func count(_ line: Span<UInt8>) throws(Failure) -> Int {
        var number = 0
        var index = 1
        let isNegative = line.count > 1 && line[1] == UInt8(ascii: "-")
        if isNegative { index = 2 }
        guard index < line.count, line.count <= 20 else {
            throw Failure(message: "'\(Self.excerpt(of: line))' has no length")
        }
        while index < line.count {
            let digit = Int(line[index]) - 0x30
            guard (0...9).contains(digit) else {
                throw Failure(message: "'\(Self.excerpt(of: line))' has no length")
            }
            number = number * 10 + digit
            index += 1
        }
        return isNegative ? -1 : number
    }

    private mutating func noteIgnored(_ line: Span<UInt8>) {
        let text = Self.text(of: line)
        if text.hasPrefix("IGNORED") { outcome = .ignored(text) }
    }

    private mutating func noteError(_ message: String) {
        let word = message.prefix { $0 != " " }
        outcome = .error(word: word.isEmpty ? "error" : String(word), message: message)
    }

    private static func excerpt(of line: Span<UInt8>) -> Substring {
        text(of: line, from: 0).prefix(20)
    }

    /// A line, without its mark if nothing else is said.
    private static func text(of line: Span<UInt8>, from start: Int = 1) -> String {
        var bytes: [UInt8] = []
        for index in start..<max(line.count, start) { bytes.append(line[index]) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
