/// The terms of a score, in the order in which they are added to the bias.
///
/// `logit = bias + weight x feature + ...`, left to right; the raw value is the term's name in the
/// configuration, in `SURFACE.SET` and in `EXPLAIN`.
public enum Term: String, Sendable, CaseIterable {
    /// The log-odds of the operator's `PRIOR`, or of the surface's own prior when an item has none.
    case prior
    /// 2^(-age / half-life) of the item, 1 when it is new; 0 without `CREATED`.
    case freshness
    /// 1 when the user follows the item or its author.
    case follow
    /// How often the user was shown the item lately: impressions, decayed.
    case fatigue
    case behaviourText = "behaviour.text"
    case behaviourTaste = "behaviour.taste"
    case viewsText = "views.text"
    case viewsTaste = "views.taste"
    case negativeText = "negative.text"
    case negativeTaste = "negative.taste"
    case chatText = "chat.text"
    case contextText = "context.text"
    case contextTaste = "context.taste"

    public init(_ text: String) throws(DomainError) {
        guard let term = Term(rawValue: text.lowercased()) else { throw .term(text) }
        self = term
    }

    /// The class and space whose affinity the term weighs; `nil` for the plain features.
    public var affinity: (signals: SignalClass, space: Space)? {
        switch self {
        case .prior, .freshness, .follow, .fatigue: nil
        case .behaviourText: (.behaviour, .text)
        case .behaviourTaste: (.behaviour, .taste)
        case .viewsText: (.views, .text)
        case .viewsTaste: (.views, .taste)
        case .negativeText: (.negative, .text)
        case .negativeTaste: (.negative, .taste)
        case .chatText: (.chat, .text)
        case .contextText: (.context, .text)
        case .contextTaste: (.context, .taste)
        }
    }
}
