import Testing

@testable import Journal

/// One bit that is not what was written: found, named, refused, and cut out only by a repair.
@Suite struct DamageTests {
    private static let count = 120

    private static func records(_ seed: UInt64) -> [[UInt8]] {
        var random = SeededRandom(seed: seed)
        return (0..<count).map { index in
            [UInt8](repeating: UInt8(index), count: Int.random(in: 0..<900, using: &random))
        }
    }

    /// Sealed segments, one that is being written, and no snapshot.
    private static func written(_ records: [[UInt8]]) throws -> TestDirectory {
        let directory = try TestDirectory()
        let (journal, _) = try directory.open(segmentBytesMax: 128 << 10)
        try journal.appendEach(records)
        journal.settleBackground()
        let image = try TestDirectory(imageOf: directory)
        try journal.close()
        return image
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func
        `a flipped bit anywhere in a segment is refused by name, and a repair keeps what is before`(
            seed: UInt64
        ) throws
    {
        var random = SeededRandom(seed: seed)
        let records = Self.records(seed)
        let directory = try Self.written(records)
        let names = try directory.names().filter {
            $0.hasPrefix("segment") && directory.size($0) > 0
        }
        #expect(names.count >= 6)
        let name = try #require(names.randomElement(using: &random))
        let bit = Int.random(in: 0..<directory.size(name) * 8, using: &random)
        try directory.flip(bit: bit, of: name)

        let damage = try #require(try directory.refusal(), "bit \(bit) of \(name) went unnoticed")
        #expect(damage.file.dropLast(7) == name.prefix(damage.file.count - 7), "\(damage)")
        let report = try EmbeddedJournal.check(directory.path)
        #expect(report.damages.first == damage)
        let before = try directory.names().map { directory.size($0) }
        #expect(try directory.refusal() == damage, "a refusal changes nothing")
        #expect(try directory.names().map { directory.size($0) } == before)

        let repair = try EmbeddedJournal.repair(directory.path)
        let kept = Int(repair.lastSequence)
        if let lost = repair.lost {
            #expect(lost == UInt64(kept + 1)...UInt64(Self.count))
            #expect(damage.sequences.contains(lost.lowerBound))
        } else {
            #expect(kept == Self.count)
        }
        #expect(!repair.actions.isEmpty)
        #expect(try EmbeddedJournal.check(directory.path).damages.isEmpty)
        let (journal, found) = try directory.open()
        #expect(found.records == Array(records[..<kept]))
        #expect(try journal.append([5]) == UInt64(kept + 1))
        try journal.close()
        #expect(try directory.contents().records == records[..<kept] + [[5]])
        #expect(try EmbeddedJournal.repair(directory.path).actions.isEmpty)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `a flipped bit anywhere in the only snapshot is refused, and no repair pretends otherwise`(
        seed: UInt64
    ) throws {
        var random = SeededRandom(seed: seed)
        let directory = try TestDirectory()
        let (journal, _) = try directory.open()
        try journal.appendEach([[1], [2]])
        try journal.snapshot([UInt8](repeating: 3, count: 5_000))
        try journal.append([4])
        try journal.close()
        let name = SnapshotFile.name(2)
        try directory.flip(
            bit: Int.random(in: 0..<directory.size(name) * 8, using: &random), of: name)
        let damage = try #require(try directory.refusal())
        #expect(damage.file == name && damage.sequences == 1...2)
        let error = #expect(throws: JournalError.self) {
            try EmbeddedJournal.repair(directory.path)
        }
        guard case .unrepairable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try directory.refusal() == damage)
    }

    @Test func `a snapshot that was cut short at any byte is refused`() throws {
        let directory = try TestDirectory()
        let (journal, _) = try directory.open()
        try journal.appendEach([[1]])
        try journal.snapshot([7, 7, 7])
        try journal.close()
        for size in (0..<directory.size(SnapshotFile.name(1))).reversed() {
            directory.truncate(SnapshotFile.name(1), to: size)
            #expect(try directory.refusal()?.file == SnapshotFile.name(1))
        }
    }

    @Test func `a damaged snapshot whose segments are still there is set aside by a repair`() throws
    {
        let directory = try TestDirectory()
        let (journal, _) = try directory.open()
        try journal.appendEach([[1], [2], [3]])
        let image = try TestDirectory(imageOf: directory)
        try journal.snapshot([9])
        try journal.close()
        var bytes = try directory.bytes(SnapshotFile.name(3))
        bytes[40] ^= 1
        try image.put(bytes, SnapshotFile.name(3))
        #expect(try image.refusal()?.file == SnapshotFile.name(3))
        let repair = try EmbeddedJournal.repair(image.path)
        #expect(repair.lost == nil && repair.lastSequence == 3)
        #expect(try image.contents().records == [[1], [2], [3]])
    }

    @Test func `a segment that is gone leaves a gap that is refused, first, middle or last`() throws
    {
        let records = Self.records(1)
        let original = try Self.written(records)
        let segments = try original.names(".sqlite")
        #expect(segments.count >= 3)
        for (index, name) in segments.enumerated() {
            let directory = try TestDirectory(imageOf: original)
            for file in try directory.names() where file.hasPrefix(name.dropLast(7)) {
                try PosixFile.remove(directory.file(file))
            }
            let damage = try #require(try directory.refusal(), "\(name) is not missed")
            if index == 0 { #expect(damage.sequences.lowerBound == 1) }
            if index == segments.count - 1 { #expect(damage.sequences.upperBound == 120) }
        }
    }

    @Test func `the mark of what was synced survives one torn copy, and not two`() throws {
        let directory = try TestDirectory()
        let (journal, _) = try directory.open()
        try journal.appendEach([[1], [2]])
        try journal.close()
        try directory.flip(bit: 3, of: "synced")
        #expect(try directory.contents().recovery.notes.count == 1)
        #expect(try directory.contents().recovery.notes.isEmpty, "it was written anew")
        for bit in [3, 512 * 8 + 3] { try directory.flip(bit: bit, of: "synced") }
        #expect(try directory.refusal()?.file == "synced")
        #expect(try EmbeddedJournal.repair(directory.path).lost == nil)
        #expect(try directory.contents().records == [[1], [2]])
        try PosixFile.remove(directory.file("synced"))
        #expect(try directory.refusal()?.reason == "it is missing")
    }
}
