import Foundation
import Glibc
import Testing

@testable import Journal

/// Directories that are not a journal's, or not this process's.
@Suite struct OpeningTests {
    @Test func `a second opener is refused with the first one's process, until it closes`() throws {
        let directory = try TestDirectory()
        let (journal, _) = try directory.open()
        let refused = JournalError.lockedDirectory(directory.path, holder: "\(getpid())")
        #expect(throws: refused) { try EmbeddedJournal(directory: directory.path) }
        #expect(throws: refused) { try EmbeddedJournal.check(directory.path) }
        #expect(throws: refused) { try EmbeddedJournal.repair(directory.path) }
        try journal.close()
        try journal.close()
        #expect(try directory.contents().records.isEmpty)
    }

    @Test func `a directory that does not exist, or is a file, is named`() throws {
        let directory = try TestDirectory()
        for path in [directory.file("none"), directory.file("file")] {
            try directory.put([1], "file")
            #expect(throws: JournalError.missingDirectory(path)) {
                try EmbeddedJournal(directory: path)
            }
        }
    }

    @Test func `a directory with other files in it is left alone`() throws {
        let directory = try TestDirectory()
        try directory.put([1], "thesis.txt")
        #expect(throws: JournalError.notAJournal(directory.path)) {
            try EmbeddedJournal(directory: directory.path)
        }
        #expect(try directory.names() == ["thesis.txt"])
    }

    @Test(arguments: [
        ("cairn journal 2\n", 2), ("cairn journal 400\n", 400), ("cairn journal 0\n", nil),
        ("cairn journal 1", nil), ("cairn journal one\n", nil), ("", nil), ("\u{0}", nil),
    ])
    func `a newer or wrong format is refused by name`(_ text: String, _ newer: Int?) throws {
        let directory = try TestDirectory()
        try directory.open().journal.close()
        try directory.put(Array(text.utf8), "format")
        let expected =
            newer.map { JournalError.newerFormat(directory.path, found: $0, supported: 1) }
            ?? .wrongFormat(directory.path, found: text)
        #expect(throws: expected) { try EmbeddedJournal(directory: directory.path) }
    }

    @Test(.enabled(if: geteuid() != 0, "root may write anywhere"))
    func `a directory that may not be written to is named`() throws {
        let directory = try TestDirectory()
        chmod(directory.path, 0o500)
        defer { chmod(directory.path, 0o700) }
        #expect(
            throws: JournalError.unwritableDirectory(
                directory.path, reason: "Permission denied")
        ) { try EmbeddedJournal(directory: directory.path) }
    }

    @Test func `a file system that cannot be written to is named`() throws {
        // Not even root makes files in /proc.
        let error = #expect(throws: JournalError.self) {
            try EmbeddedJournal(directory: "/proc/self/fdinfo")
        }
        switch error {
        case .unwritableDirectory("/proc/self/fdinfo", _), .notAJournal("/proc/self/fdinfo"): break
        default: Issue.record("\(String(describing: error))")
        }
    }

    @Test func `what a crash left half made is removed`() throws {
        let directory = try TestDirectory()
        try directory.open().journal.close()
        let names = [
            "segment-00000000000000000001.sqlite.new", "snapshot-00000000000000000009.new",
        ]
        for name in names { try directory.put([1, 2, 3], name) }
        try directory.put([], "segment-00000000000000000001.sqlite.new-wal")
        #expect(try directory.contents().records.isEmpty)
        #expect(try directory.names() == ["format", "lock", "synced"])
    }

    @Test func `errors say what and where`() {
        let damage = Damage(file: "segment-7.sqlite", sequences: 7...9, reason: "it ends early")
        #expect(
            "\(JournalError.damaged(damage))"
                == "segment-7.sqlite is damaged: it ends early; sequences 7 to 9 cannot be read")
        #expect(
            "\(JournalError.lockedDirectory("/d", holder: "12"))" == "'/d' is in use by process 12")
        #expect(
            "\(JournalError.newerFormat("/d", found: 3, supported: 1))"
                == "'/d' says format 3, and this version reads up to 1")
    }
}
