import Foundation

/// A file with a text, gone with this value.
final class TemporaryFile: Sendable {
    let path: String

    init(_ text: String) throws {
        let file = FileManager.default.temporaryDirectory
            .appendingPathComponent("cairn-\(UUID().uuidString).toml")
        try text.write(to: file, atomically: true, encoding: .utf8)
        path = file.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
