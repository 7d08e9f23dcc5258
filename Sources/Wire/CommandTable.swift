/// The commands that the server knows, one row of data each.
package enum CommandTable {
    private static let occasion =
        "[AT time] [REGION region] "
        + "[CONTEXT TEXT text | TOPIC topic | ITEM id | VECTOR text|taste blob]..."

    package static let rows: [CommandRow] = [
        CommandRow(
            .rank, arity: -4, [.readOnly], keys: .one, .ranking,
            summary: "Ranks candidates, or all live items of the surface's kinds, for a user.",
            syntax: "user SURFACE surface [TOP k] [FULL] [BUDGET microseconds] \(occasion) "
                + "[ALL | PACKED blob | ITEMS id [id ...]]"),
        CommandRow(
            .recommend, arity: -6, [.readOnly], keys: .one, .ranking,
            summary: "Ranks the whole catalogue for a user: the same bytes as RANK over ALL.",
            syntax: "user SURFACE surface TOP k [FULL] [BUDGET microseconds] \(occasion)"),
        CommandRow(
            .explain, arity: -5, [.readOnly], keys: .one, .ranking,
            summary: "Gives the terms of an item's score; they add up exactly.",
            syntax: "user item SURFACE surface [FORMAT JSON] \(occasion)"),
        CommandRow(
            .whyNot, arity: -5, [.readOnly], keys: .one, .ranking,
            summary: "Says why an item is not in a ranking, or where it stands.",
            syntax: "user item SURFACE surface [FORMAT JSON] \(occasion)"),
        CommandRow(
            .signal, arity: -5, [.write, .fast], keys: .one, .user,
            summary: "Records what a user did or said; answers USED or IGNORED with the gate.",
            syntax: "user type ITEM id | TEXT text | TOPIC topic | VECTOR text|taste blob "
                + "[AT time] [ID event] [MODALITY text|voice] [PRODUCT product] "
                + "[SENSITIVE label|none]"),
        CommandRow(
            .userSet, arity: -4, [.write, .fast], keys: .one, .user,
            summary: "Sets a user's region, notice, linked products or language.",
            syntax: "user [REGION region] [NOTICE time] [LINKS product,product] [LANG language] "
                + "[AT time]"),
        CommandRow(
            .userGet, arity: 2, [.readOnly, .fast], keys: .one, .user,
            summary: "Gives what USER.SET has set and how many signals a user has.",
            syntax: "user"),
        CommandRow(
            .suppress, arity: 4, [.write, .fast], keys: .one, .user,
            summary: "Keeps what a user says about a topic from raising any ad; 1 if it is new.",
            syntax: "user TOPIC topic"),
        CommandRow(
            .unsuppress, arity: 4, [.write, .fast], keys: .one, .user,
            summary: "Lifts a SUPPRESS: all counts as if it had never been; 1 if there was one.",
            syntax: "user TOPIC topic"),
        CommandRow(
            .retract, arity: 3, [.write, .fast], keys: .one, .user,
            summary: "Removes a signal as if it had never come; 1 if it was held.",
            syntax: "user event"),
        CommandRow(
            .forget, arity: 2, [.write, .fast], keys: .one, .user,
            summary: "Removes all about a user, who has then never been; 1 if there was any.",
            syntax: "user"),
        CommandRow(
            .export, arity: 2, [.readOnly], keys: .one, .user,
            summary: "Gives all that is held about a user as one JSON text.", syntax: "user"),
        CommandRow(
            .itemAdd, arity: -4, [.write], keys: .one, .item,
            summary: "Adds an item, or replaces the one of this id.",
            syntax: "id KIND kind [TEXT text] [VECTOR text|taste blob]... "
                + "[SIGNALVECTOR taste blob] [AUTHOR author] [BID micros] [PRIOR probability] "
                + "[TOPICS topic,topic] [CREATED time] [EXPIRES time] [REGIONS region,region] "
                + "[LANGS language,language] [ADOMAIN domain,domain] [CAT category,category] "
                + "[CATTAX taxonomy] [CRID creative]"),
        CommandRow(
            .itemGet, arity: 2, [.readOnly, .fast], keys: .one, .item,
            summary: "Gives an item's attributes.", syntax: "id"),
        CommandRow(
            .itemDelete, arity: -2, [.write, .fast], keys: .all, .item,
            summary: "Removes items; answers how many there were.", syntax: "id [id ...]"),
        CommandRow(
            .catalogueBegin, arity: 1, [.write], .catalogue,
            summary: "Begins a new catalogue: ITEM.ADD of this connection fills it unseen."),
        CommandRow(
            .catalogueCommit, arity: 1, [.write], .catalogue,
            summary: "Puts the new catalogue in place of the old one in one step."),
        CommandRow(
            .catalogueAbort, arity: 1, [.write], .catalogue,
            summary: "Throws the new catalogue away."),
        CommandRow(
            .surfaceSet, arity: -4, [.write], .surface,
            summary: "Creates or changes a surface.",
            syntax: "name [LANE ads|content] [PRODUCT product] [KINDS kind,kind] [BIAS number] "
                + "[PRIOR probability] [FLOOR number] [WEIGHT term number]... "
                + "[TYPE type number]... [HALFLIFE class|freshness|fatigue seconds]... "
                + "[SHAPE class linear|positive]... [SIGNALS class count]..."),
        CommandRow(
            .surfaceGet, arity: -1, [.readOnly], .surface,
            summary: "Gives a surface's settings, or the names of all surfaces.",
            syntax: "[name]"),
        CommandRow(
            .policyGet, arity: 1, [.readOnly, .fast], .policy,
            summary: "Gives the policy in use as TOML, with its version and digest."),
        CommandRow(
            .policyCheck, arity: 2, [.readOnly, .admin], .policy,
            summary: "Counts what a policy would change: redis-cli -x POLICY.CHECK < FILE.",
            syntax: "toml"),
        CommandRow(
            .policySet, arity: 2, [.write, .admin], .policy,
            summary: "Puts a policy in use from the next request on, if no row is looser.",
            syntax: "toml"),
        CommandRow(
            .snapshot, arity: 1, [.readOnly, .admin], .server,
            summary: "Starts a snapshot of the data; answers STARTED, or RUNNING if one is."),
        CommandRow(
            .lastSave, arity: 1, [.readOnly, .fast, .loading], .server,
            summary: "Gives the time of the last snapshot in seconds since 1970; 0 is never."),
        CommandRow(
            .slowLog, arity: -2, [.readOnly, .admin, .loading], .server,
            summary: "Shows commands that took long, with the terms of a ranking's best item.",
            syntax: "subcommand [argument ...]",
            subcommands: [
                .init(
                    name: "GET", arity: -2, summary: "Gives the newest; -1 is all.",
                    syntax: "[count]"),
                .init(name: "LEN", arity: 2, summary: "Counts them.", syntax: ""),
                .init(name: "RESET", arity: 2, summary: "Forgets them.", syntax: ""),
                .init(name: "HELP", arity: 2, summary: "Lists these subcommands.", syntax: ""),
            ]),
        CommandRow(
            .info, arity: -1, [.readOnly, .loading], .server,
            summary: "Gives figures of the server, by section.", syntax: "[section ...]"),
        CommandRow(
            .command, arity: -1, [.readOnly, .fast, .loading], .server,
            summary: "Describes the commands.", syntax: "[subcommand [argument ...]]",
            subcommands: [
                .init(name: "COUNT", arity: 2, summary: "Counts the commands.", syntax: ""),
                .init(
                    name: "INFO", arity: -2, summary: "Describes commands to clients.",
                    syntax: "[name ...]"),
                .init(
                    name: "DOCS", arity: -2, summary: "Describes commands to people.",
                    syntax: "[name ...]"),
                .init(name: "LIST", arity: 2, summary: "Names the commands.", syntax: ""),
                .init(name: "HELP", arity: 2, summary: "Lists these subcommands.", syntax: ""),
            ]),
        CommandRow(
            .ping, arity: -1, [.readOnly, .fast, .loading], .connection,
            summary: "Answers PONG, or the message.", syntax: "[message]"),
        CommandRow(
            .echo, arity: 2, [.readOnly, .fast, .loading], .connection,
            summary: "Answers the message.", syntax: "message"),
        CommandRow(
            .hello, arity: -1, [.fast, .noAuth, .loading], .connection,
            summary: "Chooses RESP2 or RESP3 and describes the server.",
            syntax: "[2|3 [AUTH user password] [SETNAME name]]"),
        CommandRow(
            .auth, arity: -2, [.fast, .noAuth, .loading], .connection,
            summary: "Authenticates the connection.", syntax: "[user] password"),
        CommandRow(
            .client, arity: -2, [.fast, .loading], .connection,
            summary: "Names and describes this connection.", syntax: "subcommand [argument ...]",
            subcommands: [
                .init(
                    name: "SETINFO", arity: 4, summary: "Records the client library.",
                    syntax: "LIB-NAME|LIB-VER value"),
                .init(
                    name: "SETNAME", arity: 3, summary: "Names this connection.", syntax: "name"),
                .init(name: "GETNAME", arity: 2, summary: "Gives the name.", syntax: ""),
                .init(name: "ID", arity: 2, summary: "Gives the connection's number.", syntax: ""),
                .init(name: "HELP", arity: 2, summary: "Lists these subcommands.", syntax: ""),
            ]),
        CommandRow(
            .select, arity: 2, [.fast, .loading], .connection,
            summary: "Chooses the database; there is only 0.", syntax: "index"),
        CommandRow(
            .reset, arity: 1, [.fast, .noAuth, .loading], .connection,
            summary: "Brings the connection back to how it began."),
        CommandRow(
            .quit, arity: -1, [.fast, .noAuth, .loading], .connection,
            summary: "Answers OK and closes the connection."),
    ]

    /// What parsing needs of a row.
    struct Entry {
        let name: CommandName
        let arity: Int

        func accepts(_ count: Int) -> Bool { arity < 0 ? count >= -arity : count == arity }
    }

    private static let index = WordIndex(
        rows.map { ($0.name.rawValue, Entry(name: $0.name, arity: $0.arity)) })

    /// The command that the bytes name, in any case; allocates nothing.
    static func entry(named bytes: Span<UInt8>) -> Entry? { index[bytes] }

    /// The command that the bytes name, in any case.
    package static func name(_ bytes: Span<UInt8>) -> CommandName? { entry(named: bytes)?.name }

    /// The row of a command; for messages and descriptions, not for the way of a request.
    package static func row(of name: CommandName) -> CommandRow {
        guard let row = rows.first(where: { $0.name == name }) else {
            preconditionFailure("\(name) has no row")
        }
        return row
    }
}
