import Domain

/// Why arguments are not a command: the peer's fault, answered with `message`; the connection
/// goes on.
package enum CommandError: Error, Equatable, Sendable {
    case unknownCommand(String, arguments: [String])
    case unknownSubcommand(String, of: CommandName)
    /// The name with its subcommand, as in `client|setname`.
    case wrongArgumentCount(String)
    case unknownOption(String, of: CommandName)
    case duplicateOption(String, of: CommandName)
    case missingValue(option: String, of: CommandName)
    case missingOption(String, of: CommandName)
    case invalid(what: String, of: CommandName, reason: String)
    /// `HELLO` asks for a RESP that is neither 2 nor 3.
    case unsupportedProtocol
    /// `SELECT` of another database than 0.
    case databaseIndex

    /// The text of the error reply behind `-`: a code word and a sentence.
    package var message: String {
        switch self {
        case .unknownCommand(let name, let arguments):
            "ERR unknown command '\(name)', with args beginning with: "
                + arguments.map { "'\($0)'" }.joined(separator: " ")
        case .unknownSubcommand(let name, let command):
            "ERR unknown subcommand '\(name)'. Try \(command.rawValue) HELP."
        case .wrongArgumentCount(let name):
            "ERR wrong number of arguments for '\(name)' command"
        case .unknownOption(let option, let command):
            "ERR unknown option '\(option)' for '\(command.lower)' command"
        case .duplicateOption(let option, let command):
            "ERR duplicate option '\(option)' for '\(command.lower)' command"
        case .missingValue(let option, let command):
            "ERR missing value of option '\(option)' for '\(command.lower)' command"
        case .missingOption(let option, let command):
            "ERR missing option '\(option)' for '\(command.lower)' command, which is written: "
                + CommandTable.row(of: command).usage
        case .invalid(let what, let command, let reason):
            "ERR invalid \(what) for '\(command.lower)' command: \(reason)"
        case .unsupportedProtocol: "NOPROTO unsupported protocol version"
        case .databaseIndex: "ERR DB index is out of range"
        }
    }
}
