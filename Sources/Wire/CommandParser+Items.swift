import Domain

/// `ITEM.ADD` and `ITEM.DEL`.
extension CommandParser {
    static func itemAdd(_ arguments: CommandArguments) throws(CommandError) -> ItemDraft {
        let id: ItemID = try identifier("id", .itemAdd, arguments, at: 1)
        var reader = OptionReader(.itemAdd, arguments, from: 2)
        var fields = ItemFields()
        while let option = try reader.next() {
            switch option {
            case .vector: try fields.addVector(of: &reader)
            case .signalVector: try fields.setSignalVector(of: &reader)
            default:
                guard let field = ItemFields.Field(option) else { throw reader.refusal() }
                try fields.read(field, from: &reader)
            }
        }
        guard let kind = fields.kind else { throw reader.missing("KIND") }
        do throws(DomainError) { return try fields.draft(id: id, kind: kind) } catch {
            throw .invalid(what: "item", of: .itemAdd, reason: error.message)
        }
    }

    static func itemDelete(_ arguments: CommandArguments) throws(CommandError) -> [ItemID] {
        var ids: [ItemID] = []
        ids.reserveCapacity(arguments.count - 1)
        for index in 1..<arguments.count {
            ids.append(try identifier("id", .itemDelete, arguments, at: index))
        }
        return ids
    }
}

extension ItemFields {
    /// One vector a space.
    fileprivate mutating func addVector(of reader: inout OptionReader) throws(CommandError) {
        let vector = try reader.takeVector()
        guard !hasVector(of: vector.space) else {
            throw reader.duplicate(vector.space.rawValue)
        }
        add(vector)
    }

    fileprivate mutating func setSignalVector(of reader: inout OptionReader) throws(CommandError) {
        try reader.once()
        let vector = try reader.takeVector()
        guard vector.space == .taste else {
            throw reader.invalid("only the taste space has signal vectors")
        }
        setSignalVector(vector)
    }
}

extension OptionReader {
    /// A space and its little-endian floats.
    @_lifetime(self: copy self)
    mutating func takeVector() throws(CommandError) -> SpaceVector {
        let space = try take(Space.init(bytes:))
        return try take { (bytes) throws(DomainError) in
            try SpaceVector(space: space, littleEndian: bytes)
        }
    }
}
