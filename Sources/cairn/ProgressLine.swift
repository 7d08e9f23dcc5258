import Foundation
import Load

/// The line that tells how a run goes: rewritten in place on a terminal, one below the other
/// elsewhere.
struct ProgressLine: Sendable {
    private let isOn: Bool
    private let isTerminal: Bool

    /// - Parameter isOn: `nil` is on a terminal only.
    init(isOn: Bool?) {
        isTerminal = isatty(FileHandle.standardError.fileDescriptor) == 1
        self.isOn = isOn ?? isTerminal
    }

    var report: LoadSession.Report? {
        guard isOn else { return nil }
        let isTerminal = isTerminal
        return { progress in
            let line = progress.line
            Self.write(isTerminal ? "\r\u{1B}[K\(line)" : line + "\n")
        }
    }

    /// Makes room for what comes next.
    func clear() { if isOn && isTerminal { Self.write("\r\u{1B}[K") } }

    /// A line for people on standard error.
    static func complain(_ line: String) { write(line + "\n") }

    private static func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
