import Engine
import Journal

/// Why a server cannot use its data directory.
package enum DataError: Error, Equatable, Sendable {
    case journal(JournalError)
    /// A record or snapshot that is whole, and says what this server cannot do.
    case unreadable(what: String, reason: String)
    /// The data were written with another setting than the server has.
    case mismatch(setting: String, data: String, server: String)
    /// Some of it is not as it was written; a report has said what.
    case damaged
    /// The server was told to stop while it was reading.
    case stopped

    /// For a person, without a trailing period.
    package func message(of path: String) -> String {
        switch self {
        case .journal(let error):
            if case .damaged = error {
                "data: '\(path)': \(error). 'cairn check \(path)' tells all that is damaged, "
                    + "'cairn check --repair \(path)' cuts it off"
            } else {
                "data: \(error)"
            }
        case .unreadable(let what, let reason): "data: '\(path)': \(what): \(reason)"
        case .mismatch(let setting, let data, let server):
            "data: '\(path)' was written with the \(setting) \(data), and this server has "
                + "\(server): serve it with what it was written with, or 'cairn export "
                + "\(path)' with that and 'cairn import' into an empty directory with this"
        case .damaged: "data: '\(path)' is damaged"
        case .stopped: "data: the server was told to stop while it was loading"
        }
    }

    /// As of sysexits.h.
    package var exitCode: Int32 {
        switch self {
        case .journal(.lockedDirectory(_, _)): 69
        case .journal(.missingDirectory(_)), .journal(.unwritableDirectory(_, _)): 73
        case .journal, .unreadable, .mismatch, .damaged, .stopped: 65
        }
    }
}
