import Domain

/// A command with bytes of its own, made from another text than RESP.
package struct CommandRequest: Sendable {
    package let command: Command
    private let bytes: ArgumentBytes

    package init(_ command: Command, _ bytes: ArgumentBytes = ArgumentBytes()) {
        self.command = command
        self.bytes = bytes
    }

    package var arguments: CommandArguments {
        @_lifetime(borrow self) get {
            CommandArguments(ranges: bytes.ranges.span, bytes: bytes.bytes.span)
        }
    }
}

/// Gathers the bytes that the ranges of a command mean.
package struct ArgumentBytes: Sendable {
    package private(set) var bytes: [UInt8] = []
    /// The ids of candidates.
    package var ranges: [ByteRange] = []

    package init() {}

    /// Lets `write` append, and gives the range of what it did.
    package mutating func append<Failure: Error>(
        _ write: (inout [UInt8]) throws(Failure) -> Void
    ) throws(Failure) -> ByteRange {
        let start = bytes.count
        try write(&bytes)
        return ByteRange(offset: start, count: bytes.count - start)
    }

    package subscript(range: ByteRange) -> Span<UInt8> {
        @_lifetime(borrow self) get { bytes.span.extracting(range.range) }
    }
}
