import Domain

/// Values that several commands have.
extension JSONReader {
    /// ISO 8601 in a string, or whole milliseconds since 1970.
    mutating func time() throws(JSONError) -> Timestamp {
        guard isAtNumber() else { return try string(Timestamp.init(bytes:)) }
        let milliseconds = try integer(in: 0...Limits.timeMillisecondsMax)
        do throws(DomainError) { return try Timestamp(milliseconds: milliseconds) } catch {
            throw value(error.message)
        }
    }

    /// A probability between 0 and 1, both excluded.
    mutating func probability() throws(JSONError) -> Double {
        let number = try number()
        guard number > 0, number < 1 else {
            throw value(DomainError.probability("\(number)").message)
        }
        return number
    }

    /// Strings, `limit` of them at most.
    mutating func list<Value>(
        of what: String, limit: Int, _ read: (Span<UInt8>) throws(DomainError) -> Value
    ) throws(JSONError) -> [Value] {
        var values: [Value] = []
        try array { (reader) throws(JSONError) in
            guard values.count < limit else {
                throw reader.value(DomainError.tooMany(what: what, limit: limit).message)
            }
            values.append(try reader.string(read))
        }
        return values
    }

    /// The numbers of a vector of the space.
    mutating func vector(of space: Space) throws(JSONError) -> SpaceVector {
        var values: [Float] = []
        try array { (reader) throws(JSONError) in
            guard values.count < Limits.tasteDimensionMax else {
                throw reader.value(
                    DomainError.tooMany(what: "values", limit: Limits.tasteDimensionMax).message)
            }
            values.append(Float(try reader.number()))
        }
        do throws(DomainError) { return try SpaceVector(space: space, values: values) } catch {
            throw value(error.message)
        }
    }

    /// `{"space": "taste", "values": [...]}`
    mutating func vector() throws(JSONError) -> SpaceVector {
        var space: Space?
        var vector: SpaceVector?
        try object { (field, reader) throws(JSONError) in
            switch field {
            case "space": space = try reader.string(Space.init(bytes:))
            // The space may come behind; which one it is makes no difference to the numbers.
            case "values": vector = try reader.vector(of: space ?? .text)
            default: return false
            }
            return true
        }
        guard let space else { throw missing("space") }
        guard let vector else { throw missing("values") }
        do throws(DomainError) { return try SpaceVector(space: space, values: vector.values) } catch
        {
            throw value(error.message)
        }
    }

    /// Calls `entry` with each name of an object whose fields are what `name` reads, in any case.
    mutating func entries<Name: Equatable>(
        _ name: (String) throws(DomainError) -> Name,
        _ entry: (Name, inout JSONReader) throws(JSONError) -> Void
    ) throws(JSONError) {
        var seen: [Name] = []
        try object { (field, reader) throws(JSONError) in
            let key: Name
            do throws(DomainError) { key = try name(field) } catch {
                throw reader.value(error.message)
            }
            guard !seen.contains(key) else { throw reader.value("the name comes twice") }
            seen.append(key)
            try entry(key, &reader)
            return true
        }
    }
}
