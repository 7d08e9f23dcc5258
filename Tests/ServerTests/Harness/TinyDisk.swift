import Foundation
import Glibc

/// A file system of a few pages, with a folder `data` and ballast that can be thrown out.
final class TinyDisk: Sendable {
    let path: String
    var data: String { path + "/data" }
    private var ballast: String { path + "/ballast" }

    /// Mounting takes root's rights.
    static let isPossible = (try? TinyDisk(bytes: 1 << 20)) != nil

    init(bytes: Int) throws {
        path =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("cairn-disk-\(UUID().uuidString)").path
        let files = FileManager.default
        try files.createDirectory(atPath: path, withIntermediateDirectories: false)
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(bytes)") == 0 else {
            rmdir(path)
            throw CocoaError(.fileWriteNoPermission)
        }
        try files.createDirectory(atPath: data, withIntermediateDirectories: false)
    }

    deinit {
        umount2(path, Int32(MNT_DETACH))
        rmdir(path)
    }

    func fill(_ bytes: Int) throws {
        try Data(repeating: 1, count: bytes).write(to: URL(fileURLWithPath: ballast))
    }

    func makeRoom() throws { try FileManager.default.removeItem(atPath: ballast) }
}
