import Foundation
import Glibc
import Testing

@testable import Journal

/// A disk that takes no more: said clearly, nothing half-written read, and over when there is room.
@Suite(.serialized) struct FullDiskTests {
    @Test(arguments: Durability.allCases, [60_000, 200_000, 1_000_003])
    func `files that may not grow refuse appends until they may again`(
        _ mode: Durability, bytesMax: Int
    ) throws {
        let directory = try TestDirectory()
        let (lines, status) = try Probe([
            "starve", directory.path, mode.rawValue, "\(bytesMax)",
        ]).ended()
        #expect(status == 0)
        let kept = lines.compactMap { $0.hasPrefix("kept ") ? UInt64($0.dropFirst(5)) : nil }
        #expect(lines.contains { $0.hasPrefix("refused the journal's disk fails: ") }, "\(lines)")
        let failed = lines.filter { $0.hasPrefix("failed ") }
        if mode == .always {
            #expect(failed.allSatisfy { $0.contains("SQLite") || $0.contains("File too large") })
            #expect(!failed.isEmpty)
        } else {
            #expect(failed.isEmpty, "what was acknowledged is written when there is room")
        }
        #expect(kept == Array(1...UInt64(kept.count)))
        #expect(lines.last == "closed \(kept.count)")
        #expect(try EmbeddedJournal.check(directory.path).damages.isEmpty)
        let found = try directory.contents()
        #expect(found.records == kept.map(probeRecord))
    }

    @Test(.enabled(if: TinyDisk.isPossible, "mounting a file system takes root's rights"))
    func `a file system without room refuses appends until there is some`() throws {
        let disk = try TinyDisk(bytes: 2 << 20)
        defer { disk.unmount() }
        let directory = try TestDirectory(at: disk.path + "/journal")
        let (journal, _) = try directory.open()
        let ballast = disk.path + "/ballast"
        try Data(repeating: 1, count: 1 << 20).write(to: URL(fileURLWithPath: ballast))
        let record = [UInt8](repeating: 5, count: 10_000)
        var kept: UInt64 = 0
        var refusal: JournalError?
        while refusal == nil {
            do throws(JournalError) {
                try journal.append(record)
                try journal.flush()
                kept += 1
            } catch {
                refusal = error
            }
        }
        guard case .refusing(let reason) = refusal else { throw refusal ?? .closed }
        #expect(reason.contains("full") || reason.contains("No space"), "\(reason)")
        #expect(journal.status.failure == reason)
        #expect(kept > 20)
        #expect(throws: JournalError.self) { try journal.append([1]) }
        try FileManager.default.removeItem(atPath: ballast)
        while journal.status.failure != nil { usleep(1_000) }
        #expect(try journal.append([1]) == kept + 1)
        try journal.close()
        let found = try directory.contents()
        #expect(found.records == Array(repeating: record, count: Int(kept)) + [[1]])
    }

    @Test(.enabled(if: TinyDisk.isPossible, "mounting a file system takes root's rights"))
    func `a segment that a snapshot ends on a full disk takes nothing with it that comes later`()
        throws
    {
        let disk = try TinyDisk(bytes: 2 << 20)
        defer { disk.unmount() }
        let directory = try TestDirectory(at: disk.path + "/journal")
        let (journal, _) = try directory.open()
        let ballast = disk.path + "/ballast"
        try Data(repeating: 1, count: 1 << 20).write(to: URL(fileURLWithPath: ballast))
        var kept: UInt64 = 0
        while (try? journal.append([UInt8](repeating: 5, count: 10_000))) != nil,
            (try? journal.flush()) != nil
        { kept += 1 }
        while journal.status.failure == nil { usleep(1_000) }
        let point = journal.snapshotPoint()
        #expect(point == kept)
        try FileManager.default.removeItem(atPath: ballast)
        while journal.status.failure != nil { usleep(1_000) }
        // In the very segment that began, with nothing in it, when the disk was tried.
        #expect(try journal.append([1]) == kept + 1)
        try journal.flush()
        journal.settleBackground()
        try journal.writeSnapshot(covering: point) { write in try write([9].span) }
        journal.settleBackground()
        let image = try TestDirectory(imageOf: directory)
        let found = try image.contents()
        #expect(found.snapshot == [9] && found.records == [[1]])
        try journal.close()
    }

    @Test(.enabled(if: TinyDisk.isPossible, "mounting a file system takes root's rights"))
    func `a full disk keeps nobody from reading what was closed, and damages nothing`() throws {
        let disk = try TinyDisk(bytes: 2 << 20)
        defer { disk.unmount() }
        let original = try TestDirectory()
        let (writing, _) = try original.open()
        try writing.appendEach((1...50).map(probeRecord))
        let crashed = try TestDirectory(at: disk.path + "/crashed")
        try crashed.copyAll(of: original)
        try writing.close()
        let closed = try TestDirectory(at: disk.path + "/closed")
        try closed.copyAll(of: original)
        // Whatever room there is goes to ballast.
        let ballast = try PosixFile(disk.path + "/ballast", O_WRONLY | O_CREAT)
        while (try? ballast.write([UInt8](repeating: 1, count: 512).span)) != nil {}
        let (journal, found) = try closed.open()
        #expect(found.records == (1...50).map(probeRecord))
        try journal.close()
        let error = #expect(throws: JournalError.self) { try crashed.contents() }
        guard case .disk(crashed.file(SegmentFile.name(1)), _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        try PosixFile.remove(disk.path + "/ballast")
        _ = ftruncate(ballast.descriptor, 0)
        #expect(try crashed.contents().records == (1...50).map(probeRecord))
    }
}

/// A tmpfs of a few pages.
private struct TinyDisk {
    let path: String

    static let isPossible: Bool = {
        guard let disk = try? TinyDisk(bytes: 1 << 20) else { return false }
        disk.unmount()
        return true
    }()

    init(bytes: Int) throws {
        path =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("cairn-disk-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false)
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(bytes)") == 0 else {
            rmdir(path)
            throw JournalError.disk(file: path, reason: PosixFile.reason)
        }
    }

    func unmount() {
        umount2(path, Int32(MNT_DETACH))
        rmdir(path)
    }
}
