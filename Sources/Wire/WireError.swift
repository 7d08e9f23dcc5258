/// Why bytes are not RESP. The framing is lost with the first such error, so each one ends the
/// connection, after the message has been sent.
package enum WireError: Error, Equatable, Sendable {
    /// The number of arguments is not a decimal from -1 to `Limits.argumentsMax`.
    case invalidCount
    /// The line with the number of arguments does not end.
    case countLineTooLong
    /// Something else stands where argument `argument` (the name is 0) should begin with `$`.
    case expectedBulk(found: UInt8, argument: Int)
    /// The length of an argument is not a decimal from 0 to `Limits.bulkBytesMax`.
    case invalidLength(argument: Int)
    /// The line with the length of an argument does not end.
    case lengthLineTooLong(argument: Int)
    /// An argument is not followed by CR LF: its length is wrong.
    case missingLineEnd(argument: Int)
    /// The command would be longer than `Limits.commandBytesMax`.
    case commandTooLong(argument: Int)
    /// A client that has not authenticated sends more than it may.
    case strangerCount
    case strangerLength(argument: Int)
    /// An inline command is longer than `Limits.inlineBytesMax`.
    case inlineTooLong
    case unbalancedQuotes
    /// A web page made a browser speak to this port.
    case webRequest

    /// The text of the error reply, in the words of redis, followed by where it happened.
    package var message: String { "ERR Protocol error: \(detail)" }

    private var detail: String {
        switch self {
        case .invalidCount: "invalid multibulk length"
        case .countLineTooLong: "too big mbulk count string"
        case .expectedBulk(let found, let argument):
            "expected '$', got '\(Self.printable(found))' at argument \(argument)"
        case .invalidLength(let argument): "invalid bulk length of argument \(argument)"
        case .lengthLineTooLong(let argument):
            "too big bulk count string of argument \(argument)"
        case .missingLineEnd(let argument): "expected CRLF after argument \(argument)"
        case .commandTooLong(let argument): "too big command at argument \(argument)"
        case .strangerCount: "unauthenticated multibulk length"
        case .strangerLength(let argument):
            "unauthenticated bulk length of argument \(argument)"
        case .inlineTooLong: "too big inline request"
        case .unbalancedQuotes: "unbalanced quotes in request"
        case .webRequest: "a web request reached the RESP port"
        }
    }

    private static func printable(_ byte: UInt8) -> String {
        guard (0x20..<0x7F).contains(byte) else {
            return "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        return String(UnicodeScalar(byte))
    }
}
