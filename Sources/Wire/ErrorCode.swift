/// What an error reply is about, for fronts that tell errors apart by more than their text. RESP
/// shows the text alone.
package enum ErrorCode: String, Sendable, CaseIterable {
    case unknownItem = "unknown-item"
    case unknownSurface = "unknown-surface"
    case unknownKind = "unknown-kind"
    case unknownTopic = "unknown-topic"
    /// A vector does not fit its space, or there is no such space.
    case wrongVector = "wrong-vector"
    /// A time lies ahead of the server's clock.
    case futureTime = "future-time"
    case incompleteSurface = "incomplete-surface"
    case invalidPolicy = "invalid-policy"
    /// A catalogue is being loaded, or none is.
    case catalogueConflict = "catalogue-conflict"
    /// A limit of the server is reached.
    case limitReached = "limit-reached"
    /// The change cannot be kept now.
    case notKept = "not-kept"
    /// The request's budget was over before it began.
    case late
    case stopping
    case loading
    /// Any other.
    case refused
}
