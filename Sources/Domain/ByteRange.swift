/// Where one argument lies in the bytes of its command.
///
/// Two 32-bit numbers, as the C core expects them, so that identifiers are looked up in place.
public struct ByteRange: Equatable, Sendable {
    public let offset: UInt32
    public let count: UInt32

    public init(offset: Int, count: Int) {
        self.offset = UInt32(offset)
        self.count = UInt32(count)
    }

    public var range: Range<Int> { Int(offset)..<Int(offset) + Int(count) }
}
