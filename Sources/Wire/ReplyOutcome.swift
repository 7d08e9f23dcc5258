/// What became of a command, as its reply says: what requests are counted by.
package enum ReplyOutcome: String, Sendable, CaseIterable {
    case ok
    /// A ranking of a part of the candidates: the time was over.
    case partial
    /// The command could not be carried out as it was.
    case error
    /// Not carried out, whatever it was: the client is unknown, or the server is loading or stopping.
    case refused
    /// Not begun, because its time was over or too much was waiting.
    case shed
}

extension ErrorCode {
    var outcome: ReplyOutcome {
        switch self {
        case .loading, .stopping: .refused
        case .late: .shed
        default: .error
        }
    }
}
