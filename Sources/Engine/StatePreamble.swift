import Domain
import Policy

/// What stands before the items and users of a state: what it was made with, and the setup.
///
///     "cairn state 2\n" 14 bytes | length of the rest u32 | fields
///
/// Its fields are numbers, little-endian, and texts with their lengths before them, in a fixed order.
struct StatePreamble {
    var tasteDimension: Int
    /// Names the text model; opaque here.
    var textModel: String
    /// The closed list; its names come with the text model.
    var topicsCount: Int
    var sequence: UInt64
    var setup: Setup

    static let magic = Array("cairn state 2\n".utf8)
    /// Magic and length.
    static var headBytes: Int { magic.count + 4 }

    var bytes: [UInt8] {
        var fields = StateFieldWriter()
        fields.append(UInt64(tasteDimension))
        fields.append(textModel)
        fields.append(UInt64(topicsCount))
        fields.append(sequence)
        fields.append(setup)
        var head = StateFieldWriter()
        head.append(UInt32(fields.bytes.count))
        return Self.magic + head.bytes + fields.bytes
    }

    /// How many bytes a preamble has whose head these are; throws when they are none of it.
    static func count(ofHead head: [UInt8]) throws(StateError) -> Int {
        var reader = StateFieldReader(head, from: magic.count)
        guard head.prefix(magic.count) == magic[...] else { throw .otherFormat }
        let count = Int(try reader.number(bytes: 4))
        guard count <= Limits.statePreambleBytesMax else {
            throw .damaged("no preamble is as long", offset: UInt64(magic.count))
        }
        return headBytes + count
    }

    /// Reads a whole preamble.
    init(_ bytes: [UInt8]) throws(StateError) {
        var reader = StateFieldReader(bytes, from: Self.headBytes)
        tasteDimension = try reader.count(max: Limits.tasteDimensionMax)
        textModel = try reader.text()
        topicsCount = try reader.count(max: Int(UInt16.max))
        sequence = try reader.number(bytes: 8)
        setup = try reader.setup(hasTaste: tasteDimension > 0)
        guard reader.isAtEnd else { throw reader.damage("it goes on behind its end") }
    }

    init(
        tasteDimension: Int, textModel: String, topicsCount: Int, sequence: UInt64, setup: Setup
    ) {
        self.tasteDimension = tasteDimension
        self.textModel = textModel
        self.topicsCount = topicsCount
        self.sequence = sequence
        self.setup = setup
    }
}
