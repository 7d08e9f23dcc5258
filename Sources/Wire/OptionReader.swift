import Domain

/// Walks through the options of one command: gives each option word, reads its values, and makes
/// the errors that name it. Allocates nothing but errors.
struct OptionReader: ~Escapable {
    let command: CommandName
    let arguments: CommandArguments
    /// The argument that comes next.
    private(set) var position: Int
    private var seen: UInt64 = 0
    private var current: OptionWord.Entry?

    @_lifetime(copy arguments)
    init(_ command: CommandName, _ arguments: CommandArguments, from position: Int) {
        self.command = command
        self.arguments = arguments
        self.position = position
    }

    var isAtEnd: Bool { position == arguments.count }

    /// The next option, or `nil` at the end.
    @_lifetime(self: copy self)
    mutating func next() throws(CommandError) -> OptionWord? {
        guard !isAtEnd else { return nil }
        guard let entry = OptionWord.index[arguments[position]] else { throw unknown() }
        current = entry
        position += 1
        return entry.option
    }

    /// The error that the option which `next()` has just given is none of this command's.
    func refusal() -> CommandError {
        .unknownOption(arguments[position - 1].excerpt, of: command)
    }

    /// Throws when the option has come before.
    @_lifetime(self: copy self)
    mutating func once() throws(CommandError) {
        guard let current else { return }
        guard seen & current.bit == 0 else { throw duplicate() }
        seen |= current.bit
    }

    /// The option's next value, in place; any number of them.
    @_lifetime(self: copy self)
    mutating func take() throws(CommandError) -> ByteRange {
        guard !isAtEnd else { throw .missingValue(option: currentWord, of: command) }
        defer { position += 1 }
        return arguments.ranges[position]
    }

    /// The option's next value as `read` takes it.
    @_lifetime(self: copy self)
    mutating func take<Value>(
        _ read: (Span<UInt8>) throws(DomainError) -> Value
    ) throws(CommandError) -> Value {
        let range = try take()
        do { return try read(arguments[range]) } catch { throw invalid(error.message) }
    }

    /// The option's next value, in place, when `check` does not throw.
    @_lifetime(self: copy self)
    mutating func takeRange(
        _ check: (Span<UInt8>) throws(DomainError) -> Void
    ) throws(CommandError) -> ByteRange {
        let range = try take()
        do { try check(arguments[range]) } catch { throw invalid(error.message) }
        return range
    }

    /// The only value of an option that comes once.
    @_lifetime(self: copy self)
    mutating func value<Value>(
        _ read: (Span<UInt8>) throws(DomainError) -> Value
    ) throws(CommandError) -> Value {
        try once()
        return try take(read)
    }

    /// All arguments that are left, as the values of an option that comes last.
    @_lifetime(self: copy self)
    mutating func rest() throws(CommandError) -> Range<Int> {
        guard !isAtEnd else { throw .missingValue(option: currentWord, of: command) }
        defer { position = arguments.count }
        return position..<arguments.count
    }

    // MARK: Errors

    private var currentWord: String { current?.option.rawValue ?? "" }

    private func unknown() -> CommandError {
        .unknownOption(arguments[position].excerpt, of: command)
    }

    /// `detail` is what makes an option that may repeat the same: `WEIGHT prior`.
    func duplicate(_ detail: String? = nil) -> CommandError {
        .duplicateOption(currentWord + (detail.map { " " + $0 } ?? ""), of: command)
    }

    func missing(_ option: String) -> CommandError { .missingOption(option, of: command) }

    func invalid(_ reason: String) -> CommandError {
        .invalid(what: currentWord, of: command, reason: reason)
    }
}
