/// Why a run cannot begin, or a result cannot be judged.
package enum LoadError: Error, Equatable, Sendable {
    /// A setting's value: the name as the command line has it, and what is wrong.
    case setting(String, String)
    /// A template, and the column (from 1) where it goes wrong.
    case template(String, column: Int, reason: String)
    case connect(target: String, reason: String)
    /// The items and users could not be loaded.
    case setup(failed: Int, commands: Int, first: String)
    case file(String, reason: String)
    /// The baseline was measured with other settings.
    case incomparable([String])

    package var message: String {
        switch self {
        case .setting(let name, let reason): "\(name): \(reason)"
        case .template(let text, let column, let reason):
            "--command '\(text)': column \(column): \(reason)"
        case .connect(let target, let reason): "cannot connect to \(target): \(reason)"
        case .setup(let failed, let commands, let first):
            "setup: \(failed) of \(commands) commands failed, the first with: \(first)"
        case .file(let path, let reason): "\(path): \(reason)"
        case .incomparable(let settings):
            "the baseline was measured with other settings: "
                + settings.joined(separator: "; ")
        }
    }
}
