import Testing

@testable import Journal

/// A write that a crash interrupted: cut off and said when it is the last, refused when it was
/// synced.
@Suite struct TornTailTests {
    private static let records: [[UInt8]] = (0..<20).map {
        [UInt8](repeating: UInt8($0), count: $0 * 37)
    }
    /// Long enough to take pages of its own.
    private static let last = [UInt8](repeating: 0xAB, count: 6_000)
    private static let log = SegmentFile.logName(1)

    /// A journal whose last batch was written and not synced: where its bytes lie in the log.
    private func interrupted() throws -> (image: TestDirectory, lastBatch: Range<Int>) {
        let directory = try TestDirectory()
        let (journal, _) = try directory.open()
        // Few groups make a short log, which is read once for each byte of the last batch.
        for record in Self.records { try journal.append(record) }
        try journal.flush()
        let (start, mark) = (directory.size(Self.log), try directory.bytes("synced"))
        try journal.appendEach([Self.last])
        let image = try TestDirectory(imageOf: directory)
        try image.put(mark, "synced")
        try journal.close()
        return (image, start..<image.size(Self.log))
    }

    @Test func `a log that ends at any byte of the last batch reads up to the one before`() throws {
        let (image, lastBatch) = try interrupted()
        #expect(lastBatch.count > 8_000)
        for size in lastBatch.reversed() {
            image.truncate(Self.log, to: size)
            let log = try WriteAheadLog(image.file(Self.log))
            #expect(log.validBytes == lastBatch.lowerBound)
            let cut = size - lastBatch.lowerBound
            #expect(log.end == (cut == 0 ? .clean : .torn(bytes: cut)))
            // A check reads what a recovery reads, and changes nothing.
            guard cut < 32 || cut % 61 == 0 else { continue }
            let report = try EmbeddedJournal.check(image.path)
            #expect(report.damages.isEmpty && report.recordsCount == Self.records.count)
            #expect(report.recovery.notes.isEmpty == (cut == 0))
            #expect(image.size(Self.log) == size)
        }
    }

    @Test func `a recovery cuts the torn batch off, says so once, and goes on after it`() throws {
        for step in stride(from: 0, through: 10, by: 1) {
            let (image, lastBatch) = try interrupted()
            let size = min(lastBatch.lowerBound + 1 + step * 977, lastBatch.upperBound - 1)
            image.truncate(Self.log, to: size)
            let (journal, found) = try image.open()
            #expect(found.records == Self.records)
            let bytes = size - lastBatch.lowerBound
            #expect(
                found.recovery.notes == [
                    "\(SegmentFile.name(1)): its last write did not finish, and \(bytes) bytes "
                        + "after sequence 20 are cut off"
                ])
            #expect(try journal.append([1]) == 21)
            try journal.close()
            let again = try image.contents()
            #expect(again.records == Self.records + [[1]] && again.recovery.notes.isEmpty)
        }
    }

    @Test func `pages of the last batch that never came are a torn batch too`() throws {
        let (image, lastBatch) = try interrupted()
        var bytes = try image.bytes(Self.log)
        let page = lastBatch.lowerBound + WriteAheadLog.frameHeaderBytes
        bytes.replaceSubrange(page..<page + 512, with: repeatElement(0, count: 512))
        try image.put(bytes, Self.log)
        #expect(try image.contents().records == Self.records)
    }

    @Test func `a missing batch that was synced is no crash, and is refused by name`() throws {
        let directory = try TestDirectory()
        let (journal, _) = try directory.open()
        try journal.appendEach(Self.records)
        let start = directory.size(Self.log)
        try journal.appendEach([Self.last])
        for size in [start, start + 1, start + 4_000, directory.size(Self.log) - 1, 0] {
            let image = try TestDirectory(imageOf: directory)
            image.truncate(Self.log, to: size)
            let damage = try #require(try image.refusal())
            #expect(damage.file == SegmentFile.name(1))
            #expect(damage.sequences == (size == 0 ? 1...21 : 21...21))
            #expect(damage.reason == "it ends before what was synced")
            #expect(image.size(Self.log) == size, "a refusal touches nothing")
        }
        try journal.close()
    }

    @Test func `something whole after what cannot be read is no crash, synced or not`() throws {
        let directory = try TestDirectory()
        let (journal, _) = try directory.open(.everysec)
        let mark = try directory.bytes("synced")
        try journal.appendEach(Self.records)
        let image = try TestDirectory(imageOf: directory)
        try image.put(mark, "synced")
        try image.flip(bit: 8 * (image.size(Self.log) / 2), of: Self.log)
        let damage = try #require(try image.refusal())
        #expect(damage.file == SegmentFile.name(1))
        #expect(damage.reason.contains("its log is wrong after byte"))
        try journal.close()
    }
}
