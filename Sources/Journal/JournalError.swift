/// What can go wrong with a journal, by name.
package enum JournalError: Error, Equatable, Sendable {
    case missingDirectory(String)
    case unwritableDirectory(String, reason: String)
    /// Another process, or this one, has the directory open.
    case lockedDirectory(String, holder: String)
    /// The directory holds files, and none that says it is a journal.
    case notAJournal(String)
    case wrongFormat(String, found: String)
    case newerFormat(String, found: Int, supported: Int)
    case damaged(Damage)
    /// What remains cannot be cut to a journal that is whole up to some sequence.
    case unrepairable(String)
    case disk(file: String, reason: String)
    /// The disk has failed and is being tried again.
    case refusing(reason: String)
    case queueFull(waitingBytes: Int, maximum: Int)
    case recordTooLong(bytes: Int, maximum: Int)
    case closed
}

/// Bytes that are not what was written: where, and which sequences they take with them.
package struct Damage: Equatable, Sendable {
    package var file: String
    /// The sequences that cannot be read. The upper bound is the last that is known to have been
    /// there, and may be lower than what was.
    package var sequences: ClosedRange<UInt64>
    package var reason: String
}

extension JournalError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .missingDirectory(let path): "there is no directory '\(path)'"
        case .unwritableDirectory(let path, let reason): "cannot write to '\(path)': \(reason)"
        case .lockedDirectory(let path, let holder): "'\(path)' is in use by process \(holder)"
        case .notAJournal(let path): "'\(path)' is neither empty nor a journal: it has no 'format'"
        case .wrongFormat(let path, let found): "'\(path)' is not a journal's format: '\(found)'"
        case .newerFormat(let path, let found, let supported):
            "'\(path)' says format \(found), and this version reads up to \(supported)"
        case .damaged(let damage): "\(damage)"
        case .unrepairable(let reason): "cannot be repaired: \(reason)"
        case .disk(let file, let reason): "\(file): \(reason)"
        case .refusing(let reason): "the journal's disk fails: \(reason)"
        case .queueFull(let waiting, let maximum):
            "\(waiting) bytes wait for the disk, of at most \(maximum)"
        case .recordTooLong(let bytes, let maximum):
            "a record of \(bytes) bytes, of at most \(maximum)"
        case .closed: "the journal is closed"
        }
    }
}

extension Damage: CustomStringConvertible {
    package var description: String {
        "\(file) is damaged: \(reason); sequences \(sequences.lowerBound) to "
            + "\(sequences.upperBound) cannot be read"
    }
}
