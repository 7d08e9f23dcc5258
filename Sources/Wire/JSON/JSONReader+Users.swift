import Domain

/// What users are and do, as JSON.
extension JSONReader {
    /// `USER.SET`: what is left out stays as it is.
    package mutating func userChange(of user: UserID) throws(JSONError) -> UserChange {
        var change = UserChange(user: user)
        try object { (name, reader) throws(JSONError) in
            guard let field = UserChange.Field(rawValue: name) else { return false }
            try change.read(field, from: &reader)
            return true
        }
        return change
    }

    /// `SIGNAL`.
    package mutating func signal(of user: UserID) throws(JSONError) -> SignalDraft {
        var fields = SignalFields()
        var type: SignalType?
        try object { (name, reader) throws(JSONError) in
            switch name {
            case "type":
                type = try reader.string { (bytes) throws(DomainError) in
                    try SignalType(bytes.excerpt)
                }
            case "vector": try fields.set(.vector(try reader.vector()), reader)
            default:
                guard let field = SignalFields.Field(rawValue: name) else { return false }
                try fields.read(field, from: &reader)
            }
            return true
        }
        guard let type else { throw missing("type") }
        guard let about = fields.about else {
            throw shape("expected one of the fields item, text, topic and vector")
        }
        return fields.draft(user: user, type: type, about: about)
    }
}
