import Domain

/// The first record of every journal: what the data depend on besides themselves, and the setup that
/// a server began with, in one record so that neither is ever there without the other.
///
///     | 0 u8 | version u8 | taste dimension u16 | text model's digest | changes, each a count of
///     bytes and its bytes |
package struct Genesis: Sendable, Equatable {
    private static let version: UInt8 = 1

    package let tasteDimension: Int
    /// Topics go by number, and rows by the space of this model.
    package let textDigest: String
    package let changes: [Change]

    package init(tasteDimension: Int, textDigest: String, changes: [Change]) {
        self.tasteDimension = tasteDimension
        self.textDigest = textDigest
        self.changes = changes
    }

    package var bytes: [UInt8] {
        var writer = ChangeWriter()
        writer.byte(0)
        writer.byte(Self.version)
        writer.fixed(UInt16(tasteDimension))
        writer.text(textDigest)
        writer.list(changes) { writer, change in
            let bytes = change.bytes
            writer.count(bytes.count)
            for byte in bytes { writer.byte(byte) }
        }
        return writer.bytes
    }

    fileprivate init(bytes: ArraySlice<UInt8>) throws(ChangeBytesError) {
        var reader = ChangeReader(bytes)
        guard try reader.byte() == 0 else { throw .invalid("a change where a journal begins") }
        let version = try reader.byte()
        guard version <= Self.version else { throw .newerVersion(version) }
        tasteDimension = Int(try reader.fixed(UInt16.self))
        textDigest = try reader.text(upTo: Limits.identifierBytesMax)
        changes = try reader.list(upTo: 2 * Limits.surfacesMax) {
            (reader) throws(ChangeBytesError) in
            try Change(bytes: try reader.bytes(upTo: Limits.journalRecordBytesMax))
        }
        try reader.finish()
    }
}

/// A record of a journal.
package enum ChangeRecord: Sendable, Equatable {
    case genesis(Genesis)
    case change(Change)

    package init(bytes: ArraySlice<UInt8>) throws(ChangeBytesError) {
        self =
            bytes.first == 0
            ? .genesis(try Genesis(bytes: bytes)) : .change(try Change(bytes: bytes))
    }
}
