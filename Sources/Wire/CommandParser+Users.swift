import Domain

/// `USER.SET`, `SIGNAL`, `SUPPRESS` and `UNSUPPRESS`.
extension CommandParser {
    static func userSet(_ arguments: CommandArguments) throws(CommandError) -> UserChange {
        var change = UserChange(user: try identifier("user", .userSet, arguments, at: 1))
        var reader = OptionReader(.userSet, arguments, from: 2)
        while let option = try reader.next() {
            guard let field = UserChange.Field(option) else { throw reader.refusal() }
            try change.read(field, from: &reader)
        }
        return change
    }

    /// The user and the topic of `SUPPRESS user TOPIC topic` and its opposite.
    static func topicOfUser(
        _ command: CommandName, _ arguments: CommandArguments
    ) throws(CommandError) -> (UserID, String) {
        let user: UserID = try identifier("user", command, arguments, at: 1)
        var reader = OptionReader(command, arguments, from: 2)
        var topic: String?
        while let option = try reader.next() {
            guard option == .topic else { throw reader.refusal() }
            topic = try reader.value { (bytes) throws(DomainError) in try bytes.topic() }
        }
        guard let topic else { throw reader.missing("TOPIC") }
        return (user, topic)
    }

    static func signal(_ arguments: CommandArguments) throws(CommandError) -> SignalDraft {
        let user: UserID = try identifier("user", .signal, arguments, at: 1)
        let type: SignalType
        do { type = try SignalType(arguments[2].excerpt) } catch {
            throw .invalid(what: "type", of: .signal, reason: error.message)
        }
        var reader = OptionReader(.signal, arguments, from: 3)
        var fields = SignalFields()
        while let option = try reader.next() {
            if option == .vector {
                try reader.once()
                try fields.set(.vector(try reader.takeVector()), reader)
            } else {
                guard let field = SignalFields.Field(option) else { throw reader.refusal() }
                try fields.read(field, from: &reader)
            }
        }
        guard let about = fields.about else {
            throw reader.missing("ITEM, TEXT, TOPIC or VECTOR")
        }
        return fields.draft(user: user, type: type, about: about)
    }
}
