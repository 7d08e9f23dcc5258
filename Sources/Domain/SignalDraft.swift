/// A signal as a caller describes it: what `SIGNAL` carries.
public struct SignalDraft: Sendable, Equatable {
    /// What a signal is about.
    public enum About: Sendable, Equatable {
        case item(ItemID)
        case text(String)
        /// The name of a topic of the closed list.
        case topic(String)
        case vector(SpaceVector)
    }

    /// What the caller says about sensitivity. A label always blocks; `none` never unblocks.
    public enum Label: Sendable, Equatable {
        case none
        case sensitive(SensitiveLabel)
    }

    public let user: UserID
    public let type: SignalType
    public let about: About
    public var at: Timestamp?
    public var event: EventID?
    public var modality: Modality = .text
    public var product: Product?
    public var label: Label?

    public init(user: UserID, type: SignalType, about: About) {
        self.user = user
        self.type = type
        self.about = about
    }
}
