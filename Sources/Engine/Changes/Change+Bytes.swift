import Domain
import Policy

/// A change as bytes: what a journal keeps of it.
///
///     | version u8 | kind u8 | the fields of the kind, in the order below |
///
/// A chat of one topic takes some 40 bytes. A kind keeps its number and its fields for ever; what
/// they cannot say gets a new kind. There is no checksum: the journal has its own.
extension Change {
    static let version: UInt8 = 1

    private enum Tag: UInt8 {
        case putItem = 1
        case removeItems = 2
        case beginCatalogue = 3
        case commitCatalogue = 4
        case abortCatalogue = 5
        case setUser = 6
        case keepSignal = 7
        case suppress = 8
        case unsuppress = 9
        case retract = 10
        case forget = 11
        case setSurface = 12
        case setPolicy = 13
        /// `putItem` of one that declares something.
        case putDeclaredItem = 14
    }

    package var bytes: [UInt8] {
        var writer = ChangeWriter()
        writer.byte(Self.version)
        writer.byte(tag.rawValue)
        switch self {
        case .putItem(let item, let isStaged):
            writer.flag(isStaged)
            writer.item(item)
            if tag == .putDeclaredItem { writer.declaration(item.draft.declaration) }
        case .removeItems(let ids, let isStaged):
            writer.flag(isStaged)
            writer.list(ids) { $0.text($1.text) }
        case .beginCatalogue, .commitCatalogue, .abortCatalogue: break
        case .setUser(let change): writer.user(change)
        case .keepSignal(let signal): writer.signal(signal)
        case .suppress(let user, let topic), .unsuppress(let user, let topic):
            writer.text(user.text)
            writer.fixed(topic.rawValue)
        case .retract(let user, let event):
            writer.text(user.text)
            writer.fixed(event)
        case .forget(let user): writer.text(user.text)
        case .setSurface(let surface): writer.surface(surface)
        case .setPolicy(let policy, let digest): writer.policy(policy, digest: digest)
        }
        return writer.bytes
    }

    /// The change of the bytes, which may be damaged or of a later version: then an error says so.
    package init(bytes: ArraySlice<UInt8>) throws(ChangeBytesError) {
        var reader = ChangeReader(bytes)
        let version = try reader.byte()
        guard version > 0 else { throw .invalid("version 0") }
        guard version <= Self.version else { throw .newerVersion(version) }
        let kind = try reader.byte()
        guard let tag = Tag(rawValue: kind) else { throw .unknownKind(kind) }
        switch tag {
        case .putItem, .putDeclaredItem:
            let isStaged = try reader.flag()
            let item = try reader.item(isDeclared: tag == .putDeclaredItem)
            self = .putItem(item, isStaged: isStaged)
        case .removeItems:
            let isStaged = try reader.flag()
            let ids = try reader.list(upTo: Limits.argumentsMax) {
                (reader) throws(ChangeBytesError) in try reader.name(ItemID.init)
            }
            self = .removeItems(ids, isStaged: isStaged)
        case .beginCatalogue: self = .beginCatalogue
        case .commitCatalogue: self = .commitCatalogue
        case .abortCatalogue: self = .abortCatalogue
        case .setUser: self = .setUser(try reader.user())
        case .keepSignal: self = .keepSignal(try reader.signal())
        case .suppress:
            self = .suppress(try reader.name(UserID.init), TopicID(rawValue: try reader.fixed()))
        case .unsuppress:
            self = .unsuppress(try reader.name(UserID.init), TopicID(rawValue: try reader.fixed()))
        case .retract:
            let user = try reader.name(UserID.init)
            let event: UInt64 = try reader.fixed()
            guard event != 0 else { throw .invalid("0 is no event") }
            self = .retract(user, event: event)
        case .forget: self = .forget(try reader.name(UserID.init))
        case .setSurface: self = .setSurface(try reader.surface())
        case .setPolicy:
            let (policy, digest) = try reader.policy()
            self = .setPolicy(policy, digest: digest)
        }
        try reader.finish()
    }

    private var tag: Tag {
        switch self {
        case .putItem(let item, _):
            item.draft.declaration == AdDeclaration() ? .putItem : .putDeclaredItem
        case .removeItems: .removeItems
        case .beginCatalogue: .beginCatalogue
        case .commitCatalogue: .commitCatalogue
        case .abortCatalogue: .abortCatalogue
        case .setUser: .setUser
        case .keepSignal: .keepSignal
        case .suppress: .suppress
        case .unsuppress: .unsuppress
        case .retract: .retract
        case .forget: .forget
        case .setSurface: .setSurface
        case .setPolicy: .setPolicy
        }
    }
}
