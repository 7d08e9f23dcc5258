import Domain
import Policy

/// A change that has been decided: everything in it is resolved, so that to apply it asks no clock,
/// no text and no gate. What a journal keeps is its bytes (`ChangeCodec`).
///
/// No words of a chat and no signal that was kept out are in any. Items, products and kinds go by
/// name, never by a number that depends on what came before; topics by their number in the closed
/// list, whose digest a journal names.
package enum Change: Sendable, Equatable {
    case putItem(ResolvedItem, isStaged: Bool)
    case removeItems([ItemID], isStaged: Bool)
    /// One that is being loaded still is thrown away.
    case beginCatalogue
    case commitCatalogue
    case abortCatalogue
    /// With the time that a region holds from.
    case setUser(UserChange)
    case keepSignal(ResolvedSignal)
    case suppress(UserID, TopicID)
    case unsuppress(UserID, TopicID)
    /// The event by its hash, never 0.
    case retract(UserID, event: UInt64)
    case forget(UserID)
    case setSurface(Surface)
    case setPolicy(PolicyTable, digest: String)
}

/// An item with the rows that its text and vectors have become.
package struct ResolvedItem: Sendable, Equatable {
    /// Without vectors.
    package let draft: ItemDraft
    package let sensitive: SensitiveLabel?
    /// Zero when nothing says what it is about.
    package let text: TextRow
    /// As many values as the taste space has dimensions, like `tasteSignal`.
    package let taste: [Int8]?
    package let tasteSignal: [Int8]?

    package init(
        draft: ItemDraft, sensitive: SensitiveLabel?, text: TextRow, taste: [Int8]?,
        tasteSignal: [Int8]?
    ) {
        self.draft = draft
        self.sensitive = sensitive
        self.text = text
        self.taste = taste
        self.tasteSignal = tasteSignal
    }
}

/// A signal that has passed the gates.
package struct ResolvedSignal: Sendable, Equatable {
    package enum About: Sendable, Equatable {
        /// An item, and whether it was on a sensitive matter when the signal came.
        case item(ItemID, isFlagged: Bool)
        /// At most `Limits.chatTopicsMax`, the strongest first.
        case topics([TopicWeight])
        /// As many values as the space has dimensions.
        case vector(Space, [Int8])
    }

    package let user: UserID
    package let type: SignalType
    package let at: Timestamp
    /// The hash of the event's identifier; 0 when it has none.
    package let event: UInt64
    /// Of chats; `nil` when they name none.
    package let product: Product?
    package let about: About

    package init(
        user: UserID, type: SignalType, at: Timestamp, event: UInt64, product: Product?,
        about: About
    ) {
        self.user = user
        self.type = type
        self.at = at
        self.event = event
        self.product = product
        self.about = about
    }

    var isAboutFlaggedItem: Bool {
        if case .item(_, isFlagged: true) = about { true } else { false }
    }
}

/// What came of deciding: a change to be applied, or nothing to do, and what the caller is told.
package struct Prepared<Outcome: Sendable>: Sendable {
    /// `nil` when the outcome changes nothing.
    package let change: Change?
    package let outcome: Outcome
    /// Whether the change gives a number to a product, or to a list of regions or languages: there are
    /// only so many, so all later decisions depend on it.
    package var addsToSetup = false
}

extension Prepared<Void> {
    init(_ change: Change, addsToSetup: Bool = false) {
        self.init(change: change, outcome: (), addsToSetup: addsToSetup)
    }
}
