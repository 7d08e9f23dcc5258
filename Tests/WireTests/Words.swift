import Domain
import Testing
import Wire

/// Arguments as a test writes them: a literal is split at spaces, the other forms are one argument.
enum Words: ExpressibleByStringLiteral, Sendable {
    case split(String)
    case one(String)
    case bytes([UInt8])

    init(stringLiteral value: String) { self = .split(value) }

    /// A vector as clients send it: little-endian 32-bit floats.
    static func floats(_ values: Float...) -> Words {
        .bytes(
            values.flatMap { value in
                (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt32($0))) }
            })
    }

    var arguments: [[UInt8]] {
        switch self {
        case .split(let text): text.split(separator: " ").map { [UInt8](String($0)) }
        case .one(let text): [[UInt8](text)]
        case .bytes(let bytes): [bytes]
        }
    }
}

/// The RESP of one command.
func encoded(_ words: [Words]) -> [UInt8] {
    let arguments = words.flatMap(\.arguments)
    var bytes = [UInt8]("*\(arguments.count)\r\n")
    for argument in arguments {
        bytes += [UInt8]("$\(argument.count)\r\n") + argument + [13, 10]
    }
    return bytes
}

/// Decodes and parses one command, and reads what the result points at while it can.
func parse<Result>(
    _ words: [Words], _ read: (Command, CommandArguments) -> Result
) throws -> Result {
    let bytes = encoded(words)
    var decoder = RESPDecoder()
    guard try decoder.next(in: bytes.span) == bytes.count else { throw TruncatedCommand() }
    let arguments = decoder.arguments(in: bytes.span)
    return read(try CommandParser.parse(arguments), arguments)
}

struct TruncatedCommand: Error {}

/// Decodes and parses one command.
func parse(_ words: [Words]) throws -> Command { try parse(words) { command, _ in command } }

/// The text of the error that the words lead to.
func errorMessage(_ words: [Words]) -> String {
    do { return "no error: \(try parse(words))" } catch let error as CommandError {
        return error.message
    } catch { return "\(error)" }
}

/// Words and the error that they must lead to.
struct BadCommand: CustomTestStringConvertible, Sendable {
    let words: [Words]
    let message: String

    init(_ words: [Words], _ message: String) {
        self.words = words
        self.message = message
    }

    init(_ words: Words, _ message: String) { self.init([words], message) }

    var testDescription: String { message }
}
