import Domain

/// Makes a command of its arguments: one case in one switch for each row of `CommandTable`.
///
/// Options come in any order and case. What only the server can know (whether an item exists, how
/// many dimensions taste has, what time it is) is not asked here.
package enum CommandParser {
    /// The command that the arguments are; `arguments` is not empty.
    package static func parse(_ arguments: CommandArguments) throws(CommandError) -> Command {
        guard let entry = CommandTable.entry(named: arguments[0]) else {
            throw unknownCommand(arguments)
        }
        let name = entry.name
        guard entry.accepts(arguments.count) else { throw .wrongArgumentCount(name.lower) }
        switch name {
        case .rank: return .rank(try rank(arguments))
        case .recommend: return .recommend(try recommend(arguments))
        case .explain: return .explain(try explain(name, arguments))
        case .whyNot: return .whyNot(try explain(name, arguments))
        case .signal: return .signal(try signal(arguments))
        case .userSet: return .userSet(try userSet(arguments))
        case .userGet: return .userGet(try identifier("user", name, arguments, at: 1))
        case .suppress:
            let (user, topic) = try topicOfUser(name, arguments)
            return .suppress(user, topic: topic)
        case .unsuppress:
            let (user, topic) = try topicOfUser(name, arguments)
            return .unsuppress(user, topic: topic)
        case .retract:
            return .retract(
                try identifier("user", name, arguments, at: 1),
                event: try identifier("event", name, arguments, at: 2))
        case .forget: return .forget(try identifier("user", name, arguments, at: 1))
        case .export: return .export(try identifier("user", name, arguments, at: 1))
        case .itemAdd: return .itemAdd(try itemAdd(arguments))
        case .itemGet: return .itemGet(try identifier("id", name, arguments, at: 1))
        case .itemDelete: return .itemDelete(try itemDelete(arguments))
        case .catalogueBegin: return .catalogueBegin
        case .catalogueCommit: return .catalogueCommit
        case .catalogueAbort: return .catalogueAbort
        case .surfaceSet: return .surfaceSet(try surfaceSet(arguments))
        case .surfaceGet: return .surfaceGet(try surfaceGet(arguments))
        case .policyGet: return .policyGet
        case .policyCheck: return .policyCheck(try policyText(name, arguments))
        case .policySet: return .policySet(try policyText(name, arguments))
        case .snapshot: return .snapshot
        case .lastSave: return .lastSave
        case .slowLog: return .slowLog(try slowLog(arguments))
        case .info: return .info(info(arguments))
        case .command: return .command(try commandQuery(arguments))
        case .ping: return .ping(try ping(arguments))
        case .echo: return .echo(arguments.ranges[1])
        case .hello: return .hello(try hello(arguments))
        case .auth: return .auth(try auth(arguments))
        case .client: return .client(try client(arguments))
        case .select:
            guard arguments[1].matchesIgnoringCase("0") else { throw .databaseIndex }
            return .select
        case .reset: return .reset
        case .quit: return .quit
        }
    }

    /// Names the command and the first of its arguments, as redis does: 128 bytes of them at most.
    private static func unknownCommand(_ arguments: CommandArguments) -> CommandError {
        var shown: [String] = []
        var bytesLeft = Limits.excerptBytesMax
        for index in 1..<max(1, arguments.count) where bytesLeft > 0 {
            let argument = arguments[index]
            let text = argument.extracting(0..<min(bytesLeft, argument.count))
            shown.append(String(repairing: text))
            bytesLeft -= text.count + 1
        }
        return .unknownCommand(arguments[0].excerpt, arguments: shown)
    }

    // MARK: Arguments by position

    /// An identifier that is kept; `what` names it in errors.
    static func identifier<ID: Identifier>(
        _ what: String, _ command: CommandName, _ arguments: CommandArguments, at index: Int
    ) throws(CommandError) -> ID {
        do { return try ID(bytes: arguments[index]) } catch {
            throw .invalid(what: what, of: command, reason: error.message)
        }
    }

    /// An identifier that is looked up in place.
    static func identifierRange(
        _ what: StaticString, _ command: CommandName, _ arguments: CommandArguments, at index: Int
    ) throws(CommandError) -> ByteRange {
        do { try ItemID.check(bytes: arguments[index]) } catch {
            throw .invalid(what: "\(what)", of: command, reason: error.message)
        }
        return arguments.ranges[index]
    }
}
