import Domain

/// `RANK`, `RECOMMEND`, `EXPLAIN` and `WHYNOT` as JSON.
extension JSONReader {
    package mutating func rank() throws(JSONError) -> CommandRequest {
        var fields = RequestFields()
        var items: Range<Int>?
        try object { (field, reader) throws(JSONError) in
            guard field == "items" else { return try fields.read(field, takesTop: true, &reader) }
            items = try fields.readItems(&reader)
            return true
        }
        let candidates = items.map {
            RankCommand.Candidates.items(first: $0.lowerBound, count: $0.count)
        }
        let rank = RankCommand(
            occasion: try fields.occasion(self), top: fields.top ?? Limits.topDefault, isFull: true,
            candidates: candidates ?? .all)
        return CommandRequest(.rank(rank), fields.bytes)
    }

    package mutating func recommend() throws(JSONError) -> CommandRequest {
        var fields = RequestFields()
        try object { (field, reader) throws(JSONError) in
            try fields.read(field, takesTop: true, &reader)
        }
        let occasion = try fields.occasion(self)
        guard let top = fields.top else { throw missing("top") }
        let rank = RankCommand(occasion: occasion, top: top, isFull: true, candidates: .all)
        return CommandRequest(.recommend(rank), fields.bytes)
    }

    /// - Parameter command: `Command.explain` or `Command.whyNot`.
    package mutating func explain(
        _ command: (ExplainCommand) -> Command
    ) throws(JSONError) -> CommandRequest {
        var fields = RequestFields()
        var item: ByteRange?
        try object { (field, reader) throws(JSONError) in
            guard field == "item" else { return try fields.read(field, takesTop: false, &reader) }
            item = try fields.readIdentifier(&reader)
            return true
        }
        let occasion = try fields.occasion(self)
        guard let item else { throw missing("item") }
        return CommandRequest(
            command(ExplainCommand(occasion: occasion, item: item, isJSON: false)), fields.bytes)
    }
}

/// Gathers the fields that all requests share.
private struct RequestFields {
    private(set) var bytes = ArgumentBytes()
    private(set) var top: Int?
    private var user: ByteRange?
    private var surface: ByteRange?
    private var at: Timestamp?
    private var region: Region?
    private var contexts = ContextClauses()

    mutating func read(
        _ field: String, takesTop: Bool, _ reader: inout JSONReader
    ) throws(JSONError) -> Bool {
        switch field {
        case "user": user = try readIdentifier(&reader)
        case "surface":
            surface = try readChecked(&reader) { (bytes) throws(DomainError) in
                _ = try SurfaceName(bytes: bytes)
            }
        case "at": at = try reader.time()
        case "region": region = try reader.string(Region.init(bytes:))
        case "contexts":
            try reader.array { (reader) throws(JSONError) in
                guard contexts.append(try readContext(&reader)) else {
                    throw reader.value(
                        DomainError.tooMany(what: "contexts", limit: Limits.contextsMax).message)
                }
            }
        case "top" where takesTop: top = Int(try reader.integer(in: 1...Int64(Limits.topMax)))
        default: return false
        }
        return true
    }

    mutating func readIdentifier(_ reader: inout JSONReader) throws(JSONError) -> ByteRange {
        try readChecked(&reader, ItemID.check(bytes:))
    }

    /// Candidates: an id that is too long is an error; any other that no item has is passed over.
    mutating func readItems(_ reader: inout JSONReader) throws(JSONError) -> Range<Int> {
        let first = bytes.ranges.count
        try reader.array { (reader) throws(JSONError) in
            guard bytes.ranges.count - first < Limits.candidatesMax else {
                throw reader.value(
                    DomainError.tooMany(what: "candidates", limit: Limits.candidatesMax).message)
            }
            let range = try bytes.append { (text) throws(JSONError) in
                try reader.string(appendingTo: &text)
            }
            guard (1...Limits.identifierBytesMax).contains(Int(range.count)) else {
                throw reader.value(DomainError.identifierLength(Int(range.count)).message)
            }
            bytes.ranges.append(range)
        }
        return first..<bytes.ranges.count
    }

    func occasion(_ reader: JSONReader) throws(JSONError) -> Occasion {
        guard let user else { throw reader.missing("user") }
        guard let surface else { throw reader.missing("surface") }
        var occasion = Occasion(user: user, surface: surface)
        occasion.at = at
        occasion.region = region
        occasion.contexts = contexts
        return occasion
    }

    /// An object with one field, which says what sort of context it is.
    private mutating func readContext(
        _ reader: inout JSONReader
    ) throws(JSONError) -> ContextClause {
        var clause: ContextClause?
        try reader.object { (field, reader) throws(JSONError) in
            guard clause == nil else {
                throw reader.shape("only one of text, topic, item and vector may be given")
            }
            switch field {
            case "text":
                clause = .text(
                    try readChecked(&reader) { (b) throws(DomainError) in try b.checkText() })
            case "topic":
                clause = .topic(
                    try readChecked(&reader) { (b) throws(DomainError) in try b.checkTopic() })
            case "item": clause = .item(try readIdentifier(&reader))
            case "vector":
                let vector = try reader.vector()
                let range = bytes.append { bytes in
                    for value in vector.values {
                        let bits = value.bitPattern
                        for shift in stride(from: 0, to: 32, by: 8) {
                            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(shift)))
                        }
                    }
                }
                clause = .vector(vector.space, range)
            default: return false
            }
            return true
        }
        guard let clause else {
            throw reader.shape("expected one of the fields text, topic, item and vector")
        }
        return clause
    }

    /// A string whose bytes pass the check.
    private mutating func readChecked(
        _ reader: inout JSONReader, _ check: (Span<UInt8>) throws(DomainError) -> Void
    ) throws(JSONError) -> ByteRange {
        let range = try bytes.append { (text) throws(JSONError) in
            try reader.string(appendingTo: &text)
        }
        do throws(DomainError) { try check(bytes[range]) } catch {
            throw reader.value(error.message)
        }
        return range
    }
}
