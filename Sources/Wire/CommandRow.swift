/// All that the server says about one command: `COMMAND`, its documentation and its errors are made
/// from this row.
package struct CommandRow: Sendable {
    /// Which arguments are the keys that a cluster routes by; all 0 without keys.
    package struct Keys: Sendable, Equatable {
        package let first: Int
        /// -1 is the last argument.
        package let last: Int
        package let step: Int

        static let none = Keys(first: 0, last: 0, step: 0)
        static let one = Keys(first: 1, last: 1, step: 1)
        static let all = Keys(first: 1, last: -1, step: 1)
    }

    /// A second word that chooses among several commands.
    package struct Subcommand: Sendable {
        package let name: String
        /// Counts both words.
        package let arity: Int
        package let summary: String
        package let syntax: String
    }

    package let name: CommandName
    /// Arguments with the name; a negative number is the least number.
    package let arity: Int
    package let flags: [CommandFlag]
    package let keys: Keys
    package let group: CommandGroup
    package let since: String
    package let summary: String
    /// The arguments as a person reads them.
    package let syntax: String
    package let subcommands: [Subcommand]

    init(
        _ name: CommandName, arity: Int, _ flags: [CommandFlag], keys: Keys = .none,
        _ group: CommandGroup, since: String = "0.1.0", summary: String, syntax: String = "",
        subcommands: [Subcommand] = []
    ) {
        self.name = name
        self.arity = arity
        self.flags = flags
        self.keys = keys
        self.group = group
        self.since = since
        self.summary = summary
        self.syntax = syntax
        self.subcommands = subcommands
    }

    /// The whole line: `RANK user SURFACE name ...`.
    package var usage: String { syntax.isEmpty ? name.rawValue : "\(name.rawValue) \(syntax)" }
}
