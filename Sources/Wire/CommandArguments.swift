import Domain

/// The arguments of one command where they lie: ranges, and the bytes that the ranges mean.
///
/// Argument 0 is the command's name. A view into the connection's buffer, valid until the decoder
/// or the buffer changes; the compiler holds everyone to that.
package struct CommandArguments: ~Escapable {
    package let ranges: Span<ByteRange>
    package let bytes: Span<UInt8>

    @_lifetime(copy ranges, copy bytes)
    package init(ranges: Span<ByteRange>, bytes: Span<UInt8>) {
        self.ranges = ranges
        self.bytes = bytes
    }

    package var count: Int { ranges.count }

    /// True for what is to be passed over without a reply: an empty line, `*0` or `*-1`.
    package var isEmpty: Bool { ranges.isEmpty }

    /// The bytes of an argument.
    package subscript(index: Int) -> Span<UInt8> {
        @_lifetime(copy self) get { self[ranges[index]] }
    }

    /// The bytes of a range that a parsed command carries.
    package subscript(range: ByteRange) -> Span<UInt8> {
        @_lifetime(copy self) get {
            let offset = Int(range.offset)
            return bytes.extracting(offset..<offset + Int(range.count))
        }
    }
}
