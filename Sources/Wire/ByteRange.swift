/// Where one argument lies in the bytes of its command.
///
/// Laid out as the C core expects it, so that a request's identifiers are looked up in place.
public struct ByteRange: Equatable, Sendable {
    public let offset: UInt32
    public let count: UInt32

    public init(offset: Int, count: Int) {
        self.offset = UInt32(offset)
        self.count = UInt32(count)
    }
}
