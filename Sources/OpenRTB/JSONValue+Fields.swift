import Domain

/// Fields of an object as a bid request has them. A field that is missing or null is `nil`; one of
/// another type than it must have, or given twice, is an error that points at it.
extension JSONValue {
    /// Throws unless this is an object.
    func checkObject() throws(BidRequestError) {
        guard kind == .object else { throw unexpected("an object") }
    }

    func text(
        _ name: StaticString, bytesMax: Int = Limits.bidIdentifierBytesMax
    ) throws(BidRequestError) -> String? {
        try read(name) { (value) throws(BidRequestError) in try value.text(bytesMax: bytesMax) }
    }

    /// An identifier, which must be there.
    func requiredText(_ name: StaticString) throws(BidRequestError) -> String {
        guard let text = try text(name), !text.isEmpty else {
            throw .field(pointer: "/\(name)", reason: "expected a string that is not empty")
        }
        return text
    }

    /// A list of short strings; empty when it is missing.
    func texts(
        _ name: StaticString, countMax: Int = Limits.bidListMax,
        bytesMax: Int = Limits.bidIdentifierBytesMax
    ) throws(BidRequestError) -> [String] {
        var texts: [String] = []
        try forEach(name, countMax: countMax) { (value) throws(BidRequestError) in
            texts.append(try value.text(bytesMax: bytesMax))
        }
        return texts
    }

    /// A whole number, which may be written as 1.0.
    func integer(
        _ name: StaticString, in range: ClosedRange<Int>
    ) throws(BidRequestError) -> Int? {
        try read(name) { (value) throws(BidRequestError) in try value.integer(in: range) }
    }

    /// What OpenRTB writes as 0 or 1.
    func flag(_ name: StaticString) throws(BidRequestError) -> Bool? {
        try integer(name, in: 0...1).map { $0 == 1 }
    }

    /// A finite number of at least 0.
    func amount(_ name: StaticString) throws(BidRequestError) -> Double? {
        try read(name) { (value) throws(BidRequestError) in
            guard value.kind == .integer || value.kind == .number else {
                throw value.unexpected("a number")
            }
            guard value.number >= 0 else { throw value.wrong("expected a number of at least 0") }
            return value.number
        }
    }

    /// Whether the object has the field, which must be an object.
    func hasObject(_ name: StaticString) throws(BidRequestError) -> Bool {
        try object(name) { (_) throws(BidRequestError) in true } ?? false
    }

    /// What `body` makes of the object.
    func object<Result>(
        _ name: StaticString, _ body: (JSONValue) throws(BidRequestError) -> Result
    ) throws(BidRequestError) -> Result? {
        try read(name) { (value) throws(BidRequestError) in
            try value.checkObject()
            return try body(value)
        }
    }

    /// Hands the elements of an array to `body`; false when there is no such field.
    @discardableResult
    func forEach(
        _ name: StaticString, countMax: Int, _ body: (JSONValue) throws(BidRequestError) -> Void
    ) throws(BidRequestError) -> Bool {
        let found: Void? = try read(name) { (value) throws(BidRequestError) in
            guard value.kind == .array else { throw value.unexpected("an array") }
            try value.forEachElement { (index, element) throws(BidRequestError) in
                guard index < countMax else {
                    throw value.wrong("too many elements: at most \(countMax)")
                }
                do throws(BidRequestError) {
                    try body(element)
                } catch {
                    throw error.within("\(index)")
                }
            }
        }
        return found != nil
    }

    private func read<Result>(
        _ name: StaticString, _ body: (JSONValue) throws(BidRequestError) -> Result
    ) throws(BidRequestError) -> Result? {
        let result = try withField(name) { (count, value) throws(BidRequestError) -> Result? in
            do throws(BidRequestError) {
                guard count == 1 else { throw value.wrong("given \(count) times") }
                guard value.kind != .null else { return nil }
                return try body(value)
            } catch {
                throw error.within("\(name)")
            }
        }
        return result ?? nil
    }

    private func text(bytesMax: Int) throws(BidRequestError) -> String {
        guard kind == .string else { throw unexpected("a string") }
        guard stringBytesCount <= bytesMax else {
            throw wrong("the string has \(stringBytesCount) bytes, at most \(bytesMax)")
        }
        guard let text = string(bytesMax: bytesMax) else {
            throw wrong("the string holds half a character")
        }
        return text
    }

    func integer(in range: ClosedRange<Int>) throws(BidRequestError) -> Int {
        let whole: Int?
        switch kind {
        case .integer: whole = Int(integer)
        case .number: whole = Int(exactly: number)
        default: throw unexpected("a whole number")
        }
        guard let whole, range.contains(whole) else {
            throw wrong(
                "expected a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return whole
    }

    private func wrong(_ reason: String) -> BidRequestError { .field(pointer: "", reason: reason) }

    private func unexpected(_ expected: String) -> BidRequestError {
        wrong("expected \(expected), got \(kind.rawValue)")
    }
}
