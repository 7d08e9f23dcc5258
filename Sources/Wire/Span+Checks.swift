import Domain

/// Checks and readings of single arguments that several commands share.
extension Span<UInt8> {
    func copied() -> [UInt8] { indices.map { self[$0] } }

    /// Throws unless the bytes may be the text of an item, a signal or a context.
    func checkText() throws(DomainError) {
        guard count <= Limits.textBytesMax else { throw .textLength(count) }
        guard isUTF8 else { throw .textNotUTF8 }
    }

    /// Throws unless the bytes may name a topic.
    func checkTopic() throws(DomainError) {
        guard (1...Limits.topicBytesMax).contains(count), isUTF8 else {
            throw .topic(excerpt)
        }
    }

    func probability() throws(DomainError) -> Double {
        let value = try Double(decimal: self)
        guard value > 0, value < 1 else { throw .probability(excerpt) }
        return value
    }

    func text() throws(DomainError) -> String {
        try checkText()
        return String(repairing: self)
    }

    func topic() throws(DomainError) -> String {
        try checkTopic()
        return String(repairing: self)
    }

    /// The parts between commas, none of an empty text; `limit` of them at most.
    func list<Value>(
        of what: String, limit: Int, _ read: (Span<UInt8>) throws(DomainError) -> Value
    ) throws(DomainError) -> [Value] {
        var elements: [Value] = []
        guard !isEmpty else { return elements }
        var start = 0
        for index in 0...count where index == count || self[index] == UInt8(ascii: ",") {
            guard elements.count < limit else { throw .tooMany(what: what, limit: limit) }
            elements.append(try read(extracting(start..<index)))
            start = index + 1
        }
        return elements
    }
}

extension Word {
    init(bytes: Span<UInt8>) throws(DomainError) {
        try self.init(
            String(repairing: bytes.extracting(0..<min(bytes.count, Limits.wordBytesMax + 1))))
    }
}
