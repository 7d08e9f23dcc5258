import Domain

/// Finds the next command in the bytes that a client has sent: RESP arrays of bulk strings, and
/// the inline form for people with a terminal.
///
/// It knows nothing of sockets and of what commands mean. It keeps its place between calls, so a
/// command of 100,000 arguments that arrives in pieces is read once; and it keeps its storage, so
/// that after a while a command allocates nothing.
package struct RESPDecoder: ~Copyable {
    /// False until the client has authenticated; then only short commands are taken.
    package var isTrusted = true

    private var state = State.start
    /// Bytes of the command that have been understood, from its start.
    private var position = 0
    private var ranges: [ByteRange] = []
    private var inline = InlineArguments()
    private var isInline = false

    /// What stands at `position`.
    private enum State {
        case start
        /// A line, which has been searched for its end so far.
        case inline(searched: Int)
        /// The length lines of so many arguments, each with its bytes.
        case lengths(left: Int)
        /// The bytes of an argument, and so many arguments after it.
        case payload(count: Int, left: Int)
    }

    package init() {}

    /// The number of bytes of the command at the front of `bytes`, or `nil` when more must come.
    ///
    /// Until the number is returned `bytes` must begin with the same bytes again, and more behind
    /// them; then the caller reads `arguments(in:)` of the same bytes and drops them. After an
    /// error the decoder is of no further use.
    package mutating func next(in bytes: Span<UInt8>) throws(WireError) -> Int? {
        while true {
            switch state {
            case .start:
                guard !bytes.isEmpty else { return nil }
                begin()
                isInline = bytes[0] != Mark.array
                if isInline {
                    state = .inline(searched: 0)
                } else {
                    guard let left = try argumentCount(in: bytes) else { return nil }
                    state = .lengths(left: left)
                }
            case .inline(let searched):
                guard let count = try inlineCommand(in: bytes, searched: searched) else {
                    return nil
                }
                state = .start
                return count
            case .lengths(left: 0):
                state = .start
                return position
            case .lengths(let left):
                guard let count = try payloadCount(in: bytes) else { return nil }
                state = .payload(count: count, left: left - 1)
            case .payload(let count, let left):
                guard try takePayload(count, in: bytes) else { return nil }
                state = .lengths(left: left)
            }
        }
    }

    /// The arguments of the command that `next(in:)` has just found in the same bytes.
    @_lifetime(borrow self, copy bytes)
    package func arguments(in bytes: Span<UInt8>) -> CommandArguments {
        isInline
            ? CommandArguments(ranges: inline.ranges.span, bytes: inline.bytes.span)
            : CommandArguments(ranges: ranges.span, bytes: bytes)
    }

    /// Forgets the last command, and storage that only a rare command needs.
    private mutating func begin() {
        position = 0
        if ranges.capacity > Limits.argumentsKeptMax {
            ranges = []
        } else {
            ranges.removeAll(keepingCapacity: true)
        }
        inline.clear()
    }

    // MARK: Arrays of bulk strings

    /// Reads `*3\r\n`; `*0` and `*-1` count as no arguments.
    private mutating func argumentCount(in bytes: Span<UInt8>) throws(WireError) -> Int? {
        let line: (number: Int64, end: Int)
        switch LengthLine.read(in: bytes, from: 1) {
        case .incomplete: return nil
        case .tooLong: throw .countLineTooLong
        case .invalid: throw .invalidCount
        case .number(let number, let end): line = (number, end)
        }
        guard (-1...Int64(Limits.argumentsMax)).contains(line.number) else { throw .invalidCount }
        guard isTrusted || line.number <= Limits.strangerArgumentsMax else { throw .strangerCount }
        let count = max(0, Int(line.number))
        ranges.reserveCapacity(min(count, Limits.argumentsKeptMax))
        position = line.end
        return count
    }

    /// Reads `$5\r\n`.
    private mutating func payloadCount(in bytes: Span<UInt8>) throws(WireError) -> Int? {
        let argument = ranges.count
        guard position < bytes.count else { return nil }
        guard bytes[position] == Mark.bulk else {
            throw .expectedBulk(found: bytes[position], argument: argument)
        }
        let line: (number: Int64, end: Int)
        switch LengthLine.read(in: bytes, from: position + 1) {
        case .incomplete: return nil
        case .tooLong: throw .lengthLineTooLong(argument: argument)
        case .invalid: throw .invalidLength(argument: argument)
        case .number(let number, let end): line = (number, end)
        }
        guard (0...Int64(Limits.bulkBytesMax)).contains(line.number) else {
            throw .invalidLength(argument: argument)
        }
        guard isTrusted || line.number <= Limits.strangerBulkBytesMax else {
            throw .strangerLength(argument: argument)
        }
        let count = Int(line.number)
        guard line.end + count + Mark.lineEndBytes <= Limits.commandBytesMax else {
            throw .commandTooLong(argument: argument)
        }
        position = line.end
        return count
    }

    /// Passes the bytes of an argument and the CR LF behind them, when all have come.
    private mutating func takePayload(
        _ count: Int, in bytes: Span<UInt8>
    ) throws(WireError) -> Bool {
        let end = position + count
        guard end + Mark.lineEndBytes <= bytes.count else { return false }
        guard bytes[end] == Mark.carriageReturn, bytes[end + 1] == Mark.lineFeed else {
            throw .missingLineEnd(argument: ranges.count)
        }
        ranges.append(ByteRange(offset: position, count: count))
        position = end + Mark.lineEndBytes
        return true
    }

    // MARK: Inline commands

    /// Reads one line, which ends with LF or CR LF.
    private mutating func inlineCommand(
        in bytes: Span<UInt8>, searched: Int
    ) throws(WireError) -> Int? {
        let limit = min(bytes.count, Limits.inlineBytesMax + 1)
        var end = searched
        while end < limit, bytes[end] != Mark.lineFeed { end += 1 }
        guard end < limit else {
            guard end <= Limits.inlineBytesMax else { throw .inlineTooLong }
            state = .inline(searched: end)
            return nil
        }
        let hasReturn = end > 0 && bytes[end - 1] == Mark.carriageReturn
        try inline.split(bytes.extracting(0..<(hasReturn ? end - 1 : end)))
        let isWebRequest = inline.nameMatches("POST") || inline.nameMatches("Host:")
        guard !isWebRequest else { throw .webRequest }
        guard isTrusted || inline.ranges.count <= Limits.strangerArgumentsMax else {
            throw .strangerCount
        }
        return end + 1
    }
}
