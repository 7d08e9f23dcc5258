/// What `COMMAND` and `... HELP` answer, made from the rows, in the forms of redis 7.
extension CommandTable {
    package static func reply(to query: CommandQuery) -> Reply {
        switch query {
        case .all: .array(rows.map(\.information))
        case .count: .integer(rows.count)
        case .info(let names):
            .array(names.map { name in row(named: name)?.information ?? .null })
        case .docs(let names):
            .map(
                (names.isEmpty ? rows : names.compactMap(row(named:))).map { row in
                    Reply.Field(row.name.lower, row.documentation)
                })
        case .list: .array(rows.map { .bulk($0.name.lower) })
        case .help: help(of: .command)
        }
    }

    /// The subcommands of a command, each with its summary below.
    package static func help(of name: CommandName) -> Reply {
        var lines = ["\(name.rawValue) <subcommand> [<arg> [value] ...]. Subcommands are:"]
        for subcommand in row(of: name).subcommands {
            lines.append(
                subcommand.syntax.isEmpty
                    ? subcommand.name : "\(subcommand.name) \(subcommand.syntax)")
            lines.append("    " + subcommand.summary)
        }
        return .array(lines.map { .simple($0) })
    }

    private static func row(named name: String) -> CommandRow? {
        entry(named: name.utf8.span).map { row(of: $0.name) }
    }
}

extension CommandRow {
    /// An element of `COMMAND`: name, arity, flags, key positions, and four lists, of which only
    /// the subcommands have something to say here.
    fileprivate var information: Reply {
        .array([
            .bulk(name.lower), .integer(arity), .set(flags.map { .simple($0.rawValue) }),
            .integer(keys.first), .integer(keys.last), .integer(keys.step),
            .set([.simple("@\(group.rawValue)")]), [], [],
            .array(
                subcommands.map { subcommand in
                    .array([
                        .bulk("\(name.lower)|\(subcommand.name.lowercased())"),
                        .integer(subcommand.arity), .set(flags.map { .simple($0.rawValue) }),
                        0, 0, 0, .set([.simple("@\(group.rawValue)")]), [], [], [],
                    ])
                }),
        ])
    }

    /// A value of `COMMAND DOCS`.
    fileprivate var documentation: Reply {
        var fields = [
            Reply.Field("summary", .bulk(summary)), Reply.Field("since", .bulk(since)),
            Reply.Field("group", .bulk(group.rawValue)),
        ]
        let arguments = SyntaxText.arguments(of: syntax)
        if !arguments.isEmpty { fields.append(Reply.Field("arguments", .array(arguments))) }
        if !subcommands.isEmpty {
            let documented = subcommands.map { subcommand in
                Reply.Field(
                    "\(name.lower)|\(subcommand.name.lowercased())",
                    .map([
                        Reply.Field("summary", .bulk(subcommand.summary)),
                        Reply.Field("since", .bulk(since)),
                        Reply.Field("group", .bulk(group.rawValue)),
                        Reply.Field(
                            "arguments", .array(SyntaxText.arguments(of: subcommand.syntax))),
                    ]))
            }
            fields.append(Reply.Field("subcommands", .map(documented)))
        }
        return .map(fields)
    }
}

/// Cuts a syntax text into the arguments that `COMMAND DOCS` lists; tools show them as hints.
private enum SyntaxText {
    static func arguments(of syntax: String) -> [Reply] {
        parts(of: syntax).map { part in
            let isRepeated = part.hasSuffix("]...")
            let isOptional = part.hasPrefix("[")
            let inner = String(part.dropFirst(isOptional ? 1 : 0))
                .dropLast(isRepeated ? 4 : isOptional ? 1 : 0)
            var fields = [
                Reply.Field("name", .bulk(String(inner))), Reply.Field("type", .bulk("string")),
                Reply.Field("display_text", .bulk(String(inner))),
            ]
            var flags: [Reply] = isOptional ? [.simple("optional")] : []
            if isRepeated { flags.append(.simple("multiple")) }
            if !flags.isEmpty { fields.append(Reply.Field("flags", .array(flags))) }
            return .map(fields)
        }
    }

    /// Splits at spaces outside of brackets.
    private static func parts(of syntax: String) -> [String] {
        var parts: [String] = []
        var part = ""
        var depth = 0
        for character in syntax {
            if character == "[" { depth += 1 }
            if character == "]" { depth -= 1 }
            if character == " " && depth == 0 {
                parts.append(part)
                part = ""
            } else {
                part.append(character)
            }
        }
        return part.isEmpty ? parts : parts + [part]
    }
}
