import Testing

@testable import Journal

/// How long a group of `always` stays open.
@Suite struct GroupPaceTests {
    @Test func `one who waits alone is synced at once`() {
        var pace = GroupPace()
        #expect(pace.gathering == nil)
        pace.took(1)
        pace.synced(outstanding: 1, nanoseconds: 500)
        #expect(pace.gathering == nil)
    }

    @Test func `a group waits for as many as were outstanding, as long as a sync took`() {
        var pace = GroupPace()
        pace.synced(outstanding: 50, nanoseconds: 700_000)
        #expect(pace.gathering == .init(recordsMin: 50, nanoseconds: 700_000))
        pace.took(50)
        pace.synced(outstanding: 50, nanoseconds: 9_000_000_000)
        #expect(pace.gathering?.nanoseconds == 2_000_000, "and never longer than the limit")
    }

    @Test func `after waiting in vain groups do not wait, more of them each time`() {
        var pace = GroupPace()
        var waited: [Int] = []
        for round in 0..<400 {
            pace.synced(outstanding: 50, nanoseconds: 1_000)
            if pace.gathering != nil { waited.append(round) }
            pace.took(25)
        }
        let gaps = zip(waited.dropFirst(), waited).map { $0 - $1 }
        #expect(gaps == [2, 4, 8, 16, 32, 64, 64, 64, 64, 64])
        // Once they come back as expected, every group waits again.
        while pace.gathering == nil {
            pace.took(25)
            pace.synced(outstanding: 50, nanoseconds: 1_000)
        }
        for _ in 0..<5 {
            pace.took(48)
            pace.synced(outstanding: 50, nanoseconds: 1_000)
            #expect(pace.gathering != nil)
        }
    }

    @Test func `what a flush, a segment's end or a close wants is not waited for`() throws {
        let directory = try TestDirectory()
        let (journal, _) = try directory.open(.off)
        for _ in 0..<200 {
            try journal.append([1])
            try journal.flush()
        }
        #expect(journal.status.syncedSequence == 200)
        let point = journal.snapshotPoint()
        try journal.writeSnapshot(covering: point) { write in try write([9].span) }
        try journal.append([2])
        try journal.close()
        #expect(try directory.contents().records == [[2]])
    }
}
