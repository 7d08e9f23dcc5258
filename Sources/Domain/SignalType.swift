/// What a user did or said. The raw value is stored, so it never changes its meaning.
public enum SignalType: UInt8, Sendable, CaseIterable {
    case like = 0
    case follow = 1
    case click = 2
    case share = 3
    case comment = 4
    case purchase = 5
    case view = 6
    case hide = 7
    case report = 8
    case impression = 9
    case chat = 10

    /// The word on the wire, in capitals.
    public var word: String {
        switch self {
        case .like: "LIKE"
        case .follow: "FOLLOW"
        case .click: "CLICK"
        case .share: "SHARE"
        case .comment: "COMMENT"
        case .purchase: "PURCHASE"
        case .view: "VIEW"
        case .hide: "HIDE"
        case .report: "REPORT"
        case .impression: "IMPRESSION"
        case .chat: "CHAT"
        }
    }

    public init(_ text: String) throws(DomainError) {
        let upper = text.uppercased()
        guard let type = Self.allCases.first(where: { $0.word == upper }) else {
            throw .signalType(text)
        }
        self = type
    }

    /// The class whose ring keeps the signal; `nil` for impressions, which are counters.
    public var signalClass: SignalClass? {
        switch self {
        case .like, .follow, .click, .share, .comment, .purchase: .behaviour
        case .view: .views
        case .hide, .report: .negative
        case .chat: .chat
        case .impression: nil
        }
    }
}

/// Signals that are kept and weighed together. `context` belongs to a request, not to a profile.
public enum SignalClass: UInt8, Sendable, CaseIterable {
    case behaviour = 0
    case views = 1
    case negative = 2
    case chat = 3
    case context = 4

    public var word: String {
        switch self {
        case .behaviour: "behaviour"
        case .views: "views"
        case .negative: "negative"
        case .chat: "chat"
        case .context: "context"
        }
    }
}
