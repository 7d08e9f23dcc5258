import Domain

/// Items as JSON: the fields of `ITEM.GET`, and vectors.
extension JSONReader {
    /// `ITEM.ADD`.
    ///
    /// - Parameter id: The item's, from outside the text; without it the text has a field `id`.
    package mutating func item(_ id: ItemID? = nil) throws(JSONError) -> ItemDraft {
        var fields = ItemFields()
        var named: ItemID?
        try object { (name, reader) throws(JSONError) in
            switch name {
            case "id" where id == nil: named = try reader.string(ItemID.init(bytes:))
            case "vectors":
                try reader.entries({ (name) throws(DomainError) in
                    try Space(bytes: name.utf8.span)
                }) { (space, reader) throws(JSONError) in
                    fields.add(try reader.vector(of: space))
                }
            case "signal_vector": fields.setSignalVector(try reader.vector(of: .taste))
            default:
                guard let field = ItemFields.Field(rawValue: name) else { return false }
                try fields.read(field, from: &reader)
            }
            return true
        }
        guard let id = id ?? named else { throw missing("id") }
        guard let kind = fields.kind else { throw missing("kind") }
        do throws(DomainError) { return try fields.draft(id: id, kind: kind) } catch {
            throw value(error.message)
        }
    }
}
