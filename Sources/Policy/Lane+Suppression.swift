import Domain

/// Ads preferences: what a person says about a topic that they have suppressed raises no ad.
///
/// The announced rule offers no way to opt out; this is one, topic by topic, and it is no gate:
/// signals are kept as they come, and pass over the topic while it is suppressed.
extension Lane {
    /// Whether signals of the class pass over suppressed topics on the lane.
    ///
    /// A `HIDE` of the topic still counts: without it the topic would rank higher. `CONTEXT` is not
    /// the user's past but what the request is about.
    public func passesOverSuppressedTopics(of signals: SignalClass) -> Bool {
        guard self == .ads else { return false }
        switch signals {
        case .chat, .behaviour, .views: return true
        case .negative, .context: return false
        }
    }
}
