import Domain

/// Why a state could not be copied, or was not taken.
package enum StateError: Error, Equatable, Sendable {
    /// The operating system gave no process to write it, and why.
    case noProcess(String)
    /// The process that wrote it ended before the end.
    case torn
    /// The bytes say what cannot be: `offset` bytes from the beginning.
    case damaged(String, offset: UInt64)
    /// The bytes are no state, or one that another version wrote.
    case otherFormat
    case otherTasteDimension(state: Int, server: Int)
    /// Texts and topics of one model mean nothing to another.
    case otherTextModel(state: String, server: String)
    /// The engine holds something already.
    case notEmpty
    case outOfMemory
    /// The state has more than this server holds.
    case engine(EngineError)

    /// One line for a person, without a trailing period.
    package var message: String {
        switch self {
        case .noProcess(let reason): "no process to copy the state: \(reason)"
        case .torn: "the copy of the state ended early"
        case .damaged(let reason, let offset): "the state is damaged at byte \(offset): \(reason)"
        case .otherFormat: "the bytes are no state that this version reads"
        case .otherTasteDimension(let state, let server):
            "the state's taste space has \(state) dimensions, this server's has \(server)"
        case .otherTextModel(let state, let server):
            "the state was made with the text model \(state), this server has \(server)"
        case .notEmpty: "a state can be restored into an empty server only"
        case .outOfMemory: "out of memory"
        case .engine(let error): error.message
        }
    }
}
