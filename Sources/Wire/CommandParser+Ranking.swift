import Domain

/// The requests: `RANK`, `RECOMMEND`, `EXPLAIN` and `WHYNOT`. Nothing here allocates but errors.
extension CommandParser {
    static func rank(_ arguments: CommandArguments) throws(CommandError) -> RankCommand {
        var reader = OptionReader(.rank, arguments, from: 2)
        var request = try RequestReader(&reader)
        var candidates: RankCommand.Candidates?
        while let option = try reader.next() {
            let clause: RankCommand.Candidates
            switch option {
            case .all: clause = .all
            case .packed: clause = try packed(&reader)
            case .items: clause = try items(&reader)
            default:
                try request.read(option, &reader)
                continue
            }
            guard candidates == nil else {
                throw reader.invalid("only one of ALL, PACKED and ITEMS may be given")
            }
            candidates = clause
        }
        var command = RankCommand(
            occasion: try request.occasion(&reader), top: request.top ?? Limits.topDefault,
            isFull: request.isFull, candidates: candidates ?? .all)
        command.budget = request.budget
        return command
    }

    static func recommend(_ arguments: CommandArguments) throws(CommandError) -> RankCommand {
        var reader = OptionReader(.recommend, arguments, from: 2)
        var request = try RequestReader(&reader)
        while let option = try reader.next() { try request.read(option, &reader) }
        let occasion = try request.occasion(&reader)
        guard let top = request.top else { throw reader.missing("TOP") }
        var command = RankCommand(
            occasion: occasion, top: top, isFull: request.isFull, candidates: .all)
        command.budget = request.budget
        return command
    }

    static func explain(
        _ name: CommandName, _ arguments: CommandArguments
    ) throws(CommandError) -> ExplainCommand {
        var reader = OptionReader(name, arguments, from: 3)
        var request = try RequestReader(&reader)
        let item = try identifierRange("item", name, arguments, at: 2)
        var isJSON = false
        while let option = try reader.next() {
            switch option {
            case .format:
                try reader.once()
                guard arguments[try reader.take()].matchesIgnoringCase("JSON") else {
                    throw reader.invalid("expected JSON")
                }
                isJSON = true
            case .top, .full, .budget: throw reader.refusal()
            default: try request.read(option, &reader)
            }
        }
        return ExplainCommand(occasion: try request.occasion(&reader), item: item, isJSON: isJSON)
    }

    /// Little-endian 64-bit numbers in one bulk string.
    private static func packed(
        _ reader: inout OptionReader
    ) throws(CommandError) -> RankCommand.Candidates {
        let range = try reader.take()
        guard range.count % 8 == 0 else {
            throw reader.invalid("\(range.count) bytes are not a multiple of 8")
        }
        guard range.count / 8 <= Limits.candidatesMax else { throw tooMany(reader) }
        return .packed(range)
    }

    /// The rest of the arguments. An id that is too long is an error; any other that no item has
    /// is passed over by the engine.
    private static func items(
        _ reader: inout OptionReader
    ) throws(CommandError) -> RankCommand.Candidates {
        let rest = try reader.rest()
        guard rest.count <= Limits.candidatesMax else { throw tooMany(reader) }
        let ranges = reader.arguments.ranges
        for index in rest {
            let count = Int(ranges[index].count)
            guard count >= 1, count <= Limits.identifierBytesMax else {
                throw reader.invalid(DomainError.identifierLength(count).message)
            }
        }
        return .items(first: rest.lowerBound, count: rest.count)
    }

    private static func tooMany(_ reader: borrowing OptionReader) -> CommandError {
        reader.invalid(DomainError.tooMany(what: "candidates", limit: Limits.candidatesMax).message)
    }
}

/// Gathers the options that all requests share.
private struct RequestReader {
    private(set) var top: Int?
    private(set) var isFull = false
    private(set) var budget: Int?
    private let user: ByteRange
    private var surface: ByteRange?
    private var at: Timestamp?
    private var region: Region?
    private var contexts = ContextClauses()

    init(_ reader: inout OptionReader) throws(CommandError) {
        user = try CommandParser.identifierRange("user", reader.command, reader.arguments, at: 1)
    }

    mutating func read(_ option: OptionWord, _ reader: inout OptionReader) throws(CommandError) {
        switch option {
        case .surface:
            try reader.once()
            surface = try reader.take()
        case .at: at = try reader.value(Timestamp.init(bytes:))
        case .region: region = try reader.value(Region.init(bytes:))
        case .top:
            top = Int(
                try reader.value { (bytes) throws(DomainError) in
                    try Int64(decimal: bytes, in: 1...Int64(Limits.topMax))
                })
        case .full:
            try reader.once()
            isFull = true
        case .budget:
            budget = Int(
                try reader.value { (bytes) throws(DomainError) in
                    try Int64(decimal: bytes, in: 1...Int64(Limits.budgetMicrosecondsMax))
                })
        case .context:
            guard contexts.append(try context(&reader)) else {
                throw reader.invalid(
                    DomainError.tooMany(what: "contexts", limit: Limits.contextsMax).message)
            }
        default: throw reader.refusal()
        }
    }

    func occasion(_ reader: inout OptionReader) throws(CommandError) -> Occasion {
        guard let surface else { throw reader.missing("SURFACE") }
        var occasion = Occasion(user: user, surface: surface)
        occasion.at = at
        occasion.region = region
        occasion.contexts = contexts
        return occasion
    }

    private func context(_ reader: inout OptionReader) throws(CommandError) -> ContextClause {
        let sort = try reader.take()
        let word = OptionWord.index[reader.arguments[sort]]?.option
        switch word {
        case .text:
            return .text(try reader.takeRange { (b) throws(DomainError) in try b.checkText() })
        case .topic:
            return .topic(try reader.takeRange { (b) throws(DomainError) in try b.checkTopic() })
        case .item:
            return .item(try reader.takeRange(ItemID.check(bytes:)))
        case .vector:
            let space = try reader.take(Space.init(bytes:))
            let range = try reader.takeRange { (bytes) throws(DomainError) in
                try SpaceVector.check(space: space, littleEndian: bytes)
            }
            return .vector(space, range)
        default:
            let found = reader.arguments[sort].excerpt
            throw reader.invalid("expected TEXT, TOPIC, ITEM or VECTOR, got '\(found)'")
        }
    }
}
