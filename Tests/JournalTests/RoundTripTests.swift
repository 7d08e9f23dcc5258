import Dispatch
import Domain
import Foundation
import Synchronization
import Testing

@testable import Journal

@Suite struct RoundTripTests {
    @Test(arguments: Durability.allCases)
    func `an empty directory becomes an empty journal, twice`(_ mode: Durability) throws {
        let directory = try TestDirectory()
        for _ in 0..<2 {
            let (journal, found) = try directory.open(mode)
            #expect(found.records.isEmpty)
            #expect(found.recovery == Recovery())
            #expect(journal.status.mode == mode)
            try journal.close()
        }
    }

    @Test(arguments: 0..<12 as Range<UInt64>)
    func `what was appended comes back, whatever the sizes, segments and reopenings`(
        seed: UInt64
    ) throws {
        var random = SeededRandom(seed: seed)
        var directory = try TestDirectory()
        let mode = Durability.allCases[Int(seed % 3)]
        var written: [[UInt8]] = []
        var covered = 0
        for _ in 0..<5 {
            let bytesMax = [8 << 10, 64 << 10, 1 << 20].randomElement(using: &random) ?? 0
            let (journal, found) = try directory.open(mode, segmentBytesMax: bytesMax)
            #expect(found.recovery.snapshotSequence == UInt64(covered))
            #expect(found.records == Array(written[covered...]))
            #expect(found.recovery.lastSequence == UInt64(written.count))
            for _ in 0..<Int.random(in: 0..<60, using: &random) {
                let record = random.record()
                written.append(record)
                #expect(try journal.append(record) == UInt64(written.count))
                if Int.random(in: 0..<5, using: &random) == 0 { try journal.flush() }
                if Int.random(in: 0..<30, using: &random) == 0 {
                    try journal.snapshot(Array("snapshot".utf8))
                    covered = written.count
                }
            }
            try journal.flush()
            journal.settleBackground()
            // Half of the time this is a crash: the files as they are, not closed.
            let image = try TestDirectory(imageOf: directory)
            try journal.close()
            if Bool.random(using: &random) { directory = image }
        }
        #expect(try directory.contents().records == Array(written[covered...]))
        let report = try EmbeddedJournal.check(directory.path)
        #expect(report.damages.isEmpty)
        #expect(report.recordsCount == written.count - covered)
    }

    @Test(arguments: Durability.allCases)
    func `many appenders make one order without gaps, and hear of each record once`(
        _ mode: Durability
    ) throws {
        let directory = try TestDirectory()
        let (journal, _) = try directory.open(mode, segmentBytesMax: 32 << 10)
        let (threads, each) = (8, 200)
        let told = Mutex<[UInt64]>([])
        let byAppender = Mutex<[UInt64: [UInt8]]>([:])
        concurrently(threads) { thread in
            for index in 0..<each {
                let record = [UInt8(thread), UInt8(index)]
                let sequence = try? journal.append(record.span) { result in
                    if case .success(let sequence) = result {
                        told.withLock { $0.append(sequence) }
                    }
                }
                byAppender.withLock { $0[sequence ?? 0] = record }
            }
        }
        try journal.flush()
        let status = journal.status
        #expect(status.lastSequence == UInt64(threads * each))
        #expect(status.syncedSequence == status.lastSequence)
        #expect(status.lagRecords == 0 && status.waitingBytes == 0)
        try journal.close()
        let all = Array(1...UInt64(threads * each))
        let heard = told.withLock { $0 }
        #expect(heard.sorted() == all)
        if mode == .always { #expect(heard == all, "completions come in order") }
        let records = byAppender.withLock { $0 }
        #expect(try directory.contents().records == all.map { records[$0] })
    }

    @Test func `a snapshot takes the place of all that it covers`() throws {
        let directory = try TestDirectory()
        let (journal, _) = try directory.open(segmentBytesMax: 16 << 10)
        for index in 0..<200 { try journal.append([UInt8](repeating: UInt8(index), count: 300)) }
        let state = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 3) }
        try journal.snapshot(state)
        #expect(journal.status.snapshotSequence == 200)
        #expect(try directory.names(".sqlite").isEmpty, "not one record is left on disk")
        #expect(try directory.names().filter { $0.hasPrefix("snapshot") }.count == 1)
        try journal.append([1])
        try journal.snapshot(state + [9])
        try journal.append([2])
        try journal.append([3])
        try journal.close()
        let found = try directory.contents()
        #expect(found.snapshot == state + [9])
        #expect(found.records == [[2], [3]])
        #expect(found.recovery.snapshotSequence == 201 && found.recovery.lastSequence == 203)
        #expect(try directory.names().filter { $0.hasPrefix("snapshot") }.count == 1)
    }

    @Test func `a snapshot whose making fails leaves nothing`() throws {
        struct Interrupted: Error {}
        let directory = try TestDirectory()
        let (journal, _) = try directory.open()
        try journal.append([1])
        #expect(throws: Interrupted.self) {
            try journal.writeSnapshot(covering: 1) { write in
                try write([UInt8](repeating: 0, count: 5_000_000).span)
                throw Interrupted()
            }
        }
        try journal.close()
        #expect(try directory.names().allSatisfy { !$0.hasPrefix("snapshot") })
        #expect(try directory.contents().records == [[1]])
    }

    @Test func `a record that is too long is refused, and a full queue pushes back`() throws {
        let directory = try TestDirectory()
        let (journal, _) = try directory.open(.off)
        let tooLong = Limits.journalRecordBytesMax + 1
        #expect(
            throws: JournalError.recordTooLong(
                bytes: tooLong, maximum: Limits.journalRecordBytesMax)
        ) { try journal.append([UInt8](repeating: 0, count: tooLong)) }
        let large = [UInt8](repeating: 1, count: 8 << 20)
        var (sent, refused) = (0, false)
        while !refused {
            do throws(JournalError) {
                try journal.append(large)
                sent += 1
            } catch {
                guard case .queueFull(_, Limits.journalQueueBytesMax) = error else { throw error }
                refused = true
            }
        }
        journal.waitForRoom()
        #expect(try journal.append([2]) == UInt64(sent + 1))
        try journal.close()
        #expect(throws: JournalError.closed) { try journal.append([3]) }
        let records = try directory.contents().records
        #expect(records.count == sent + 1 && records.last == [2] && records.first == large)
    }
}

/// Runs `body` in so many threads of its own and waits for all.
func concurrently(_ threads: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let group = DispatchGroup()
    for thread in 0..<threads {
        group.enter()
        Thread.detachNewThread {
            body(thread)
            group.leave()
        }
    }
    group.wait()
}
