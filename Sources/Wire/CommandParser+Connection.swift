import Domain

/// Commands about the connection, the server and the commands themselves.
extension CommandParser {
    static func info(_ arguments: CommandArguments) -> [String] {
        (1..<max(1, arguments.count)).map { arguments[$0].excerpt.lowercased() }
    }

    static func slowLog(_ arguments: CommandArguments) throws(CommandError) -> SlowLogCommand {
        switch try subcommand(.slowLog, arguments) {
        case "GET":
            guard arguments.count <= 3 else {
                throw .wrongArgumentCount("\(CommandName.slowLog.lower)|get")
            }
            guard arguments.count == 3 else { return .get(Limits.slowLogShownDefault) }
            guard let count = Int64(decimal: arguments[2]), count >= -1 else {
                throw .invalid(
                    what: "count", of: .slowLog,
                    reason: "'\(arguments[2].excerpt)' is no whole number from -1 on")
            }
            let isAll = count < 0 || count > Int64(Limits.slowLogEntriesMax)
            return .get(isAll ? Limits.slowLogEntriesMax : Int(count))
        case "LEN": return .length
        case "RESET": return .reset
        default: return .help
        }
    }

    static func ping(_ arguments: CommandArguments) throws(CommandError) -> ByteRange? {
        guard arguments.count <= 2 else { throw .wrongArgumentCount(CommandName.ping.lower) }
        return arguments.count == 1 ? nil : arguments.ranges[1]
    }

    static func auth(_ arguments: CommandArguments) throws(CommandError) -> Credentials {
        guard arguments.count <= 3 else { throw .wrongArgumentCount(CommandName.auth.lower) }
        guard arguments.count == 3 else {
            return Credentials(password: arguments[1].copied())
        }
        return Credentials(
            user: String(repairing: arguments[1]), password: arguments[2].copied())
    }

    static func hello(_ arguments: CommandArguments) throws(CommandError) -> HelloCommand {
        var hello = HelloCommand()
        guard arguments.count > 1 else { return hello }
        guard let number = Int64(decimal: arguments[1]) else {
            throw .invalid(
                what: "version", of: .hello,
                reason: "'\(arguments[1].excerpt)' is not a whole number")
        }
        guard let version = Int(exactly: number).flatMap(RESPVersion.init(rawValue:)) else {
            throw .unsupportedProtocol
        }
        hello.version = version
        var reader = OptionReader(.hello, arguments, from: 2)
        while let option = try reader.next() {
            switch option {
            case .authenticate:
                try reader.once()
                let user = String(repairing: arguments[try reader.take()])
                hello.credentials = Credentials(
                    user: user, password: arguments[try reader.take()].copied())
            case .setName:
                hello.name = try reader.value { (b) throws(DomainError) in try b.clientName() }
            default: throw reader.refusal()
            }
        }
        return hello
    }

    static func client(_ arguments: CommandArguments) throws(CommandError) -> ClientCommand {
        switch try subcommand(.client, arguments) {
        case "SETINFO":
            let attribute = arguments[2]
            let value = try clientText(arguments[3], "value")
            if attribute.matchesIgnoringCase("LIB-NAME") { return .setLibraryName(value) }
            if attribute.matchesIgnoringCase("LIB-VER") { return .setLibraryVersion(value) }
            throw .unknownOption(attribute.excerpt, of: .client)
        case "SETNAME": return .setName(try clientText(arguments[2], "name"))
        case "GETNAME": return .getName
        case "ID": return .id
        default: return .help
        }
    }

    static func commandQuery(_ arguments: CommandArguments) throws(CommandError) -> CommandQuery {
        guard arguments.count > 1 else { return .all }
        let names = (2..<max(2, arguments.count)).map { arguments[$0].excerpt }
        switch try subcommand(.command, arguments) {
        case "COUNT": return .count
        case "INFO": return names.isEmpty ? .all : .info(names)
        case "DOCS": return .docs(names)
        case "LIST": return .list
        default: return .help
        }
    }

    /// The name of the subcommand that the second argument chooses, when the count fits its row.
    private static func subcommand(
        _ command: CommandName, _ arguments: CommandArguments
    ) throws(CommandError) -> String {
        let word = arguments[1].excerpt
        let rows = CommandTable.row(of: command).subcommands
        guard let row = rows.first(where: { $0.name == word.uppercased() }) else {
            throw .unknownSubcommand(word, of: command)
        }
        let isCountRight =
            row.arity < 0 ? arguments.count >= -row.arity : arguments.count == row.arity
        guard isCountRight else {
            throw .wrongArgumentCount("\(command.lower)|\(row.name.lowercased())")
        }
        return row.name
    }

    private static func clientText(
        _ bytes: Span<UInt8>, _ what: String
    ) throws(CommandError) -> String {
        do { return try bytes.clientName() } catch {
            throw .invalid(what: what, of: .client, reason: error.message)
        }
    }
}

extension Span<UInt8> {
    /// A name that a client gives itself: printable ASCII without spaces, or empty.
    fileprivate func clientName() throws(DomainError) -> String {
        guard count <= Limits.identifierBytesMax else { throw .identifierLength(count) }
        for index in indices where !(0x21...0x7E).contains(self[index]) {
            throw .setting(
                "Client names cannot contain spaces, newlines or special characters.")
        }
        return String(repairing: self)
    }
}
