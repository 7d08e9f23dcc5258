import Domain

/// Where the values of a command stand: the arguments of RESP, or a JSON text.
///
/// The fields of a command are declared once, as a struct that reads them from any source; how they
/// are spelt and which come twice is for the source to say.
protocol FieldSource: ~Escapable {
    associatedtype Failure: Error

    /// A string as `read` takes its bytes.
    @_lifetime(self: copy self)
    mutating func string<Value>(
        _ read: (Span<UInt8>) throws(DomainError) -> Value
    ) throws(Failure) -> Value

    @_lifetime(self: copy self)
    mutating func integer(in range: ClosedRange<Int64>) throws(Failure) -> Int64

    /// A probability between 0 and 1, both excluded.
    @_lifetime(self: copy self)
    mutating func probability() throws(Failure) -> Double

    @_lifetime(self: copy self)
    mutating func time() throws(Failure) -> Timestamp

    /// Strings, `limit` of them at most.
    @_lifetime(self: copy self)
    mutating func list<Value>(
        of what: String, limit: Int, _ read: (Span<UInt8>) throws(DomainError) -> Value
    ) throws(Failure) -> [Value]

    /// The error that a signal is about two things.
    func secondSubject() -> Failure
}

extension FieldSource where Self: ~Escapable {
    @_lifetime(self: copy self)
    mutating func text() throws(Failure) -> String {
        try string { (bytes) throws(DomainError) in try bytes.text() }
    }

    /// The name of a topic.
    @_lifetime(self: copy self)
    mutating func topic() throws(Failure) -> String {
        try string { (bytes) throws(DomainError) in try bytes.topic() }
    }
}

extension OptionReader: FieldSource {
    @_lifetime(self: copy self)
    mutating func string<Value>(
        _ read: (Span<UInt8>) throws(DomainError) -> Value
    ) throws(CommandError) -> Value {
        try value(read)
    }

    @_lifetime(self: copy self)
    mutating func integer(in range: ClosedRange<Int64>) throws(CommandError) -> Int64 {
        try value { (bytes) throws(DomainError) in try Int64(decimal: bytes, in: range) }
    }

    @_lifetime(self: copy self)
    mutating func probability() throws(CommandError) -> Double {
        try value { (bytes) throws(DomainError) in try bytes.probability() }
    }

    @_lifetime(self: copy self)
    mutating func time() throws(CommandError) -> Timestamp {
        try value(Timestamp.init(bytes:))
    }

    @_lifetime(self: copy self)
    mutating func list<Value>(
        of what: String, limit: Int, _ read: (Span<UInt8>) throws(DomainError) -> Value
    ) throws(CommandError) -> [Value] {
        try value { (bytes) throws(DomainError) in
            try bytes.list(of: what, limit: limit, read)
        }
    }

    func secondSubject() -> CommandError {
        invalid("only one of ITEM, TEXT, TOPIC and VECTOR may be given")
    }
}

extension JSONReader: FieldSource {
    func secondSubject() -> JSONError {
        shape("only one of item, text, topic and vector may be given")
    }
}
