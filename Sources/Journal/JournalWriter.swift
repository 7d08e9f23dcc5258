import Dispatch
import Domain

/// The one thread that writes records: takes what has gathered, writes it, syncs it, tells.
///
/// It holds every batch until it is safe as the mode demands. After an error the segment is given
/// up and the next begins after the last safe batch, so nothing of a write that failed is read
/// again:
///
///     always          what was not synced is told to have failed; its sequences are given again
///     everysec, off   what was acknowledged stays held, and is written again
///
/// until which appends are refused.
struct JournalWriter: ~Copyable {
    private let mode: Durability
    private let directory: DataDirectory
    private let queue: AppendQueue
    private let housekeeper: Housekeeper
    private let segmentBytesMax: Int
    private var mark: SyncedMark.Writer
    private var segment: SegmentFile?
    /// Batches that are not safe yet; the first `writtenCount` are in the segment.
    private var held: [AppendQueue.Group] = []
    private var writtenCount = 0
    private var heldBytes = 0
    /// The last sequence before `held`, and the last that was synced.
    private var safe: UInt64
    private var synced: UInt64
    private var isFailing = false
    private var pace = GroupPace()
    private var syncDeadline: DispatchTime?

    init(
        mode: Durability, directory: DataDirectory, queue: AppendQueue, housekeeper: Housekeeper,
        segmentBytesMax: Int, mark: consuming SyncedMark.Writer, last: UInt64
    ) {
        self.mode = mode
        self.directory = directory
        self.queue = queue
        self.housekeeper = housekeeper
        self.segmentBytesMax = segmentBytesMax
        self.mark = mark
        self.safe = last
        self.synced = last
    }

    /// Serves until the queue is closed; then writes, syncs and seals what there is.
    mutating func run() -> Result<Void, JournalError> {
        while true {
            let work = queue.next(until: deadline, gathering: gathering)
            pace.took(work.groups.reduce(0) { $0 + Int($1.batch.count) })
            do throws(JournalError) {
                try take(work)
                if work.isClosing { return .success(()) }
            } catch {
                fail(error)
                if work.isClosing { return .failure(error) }
            }
        }
    }

    private var deadline: DispatchTime {
        if isFailing {
            return .now() + .milliseconds(Limits.journalRetryMilliseconds)
        }
        return syncDeadline ?? .distantFuture
    }

    private var gathering: AppendQueue.Gathering? {
        guard !isFailing else { return nil }
        return mode == .always ? pace.gathering : .unhurried
    }

    private mutating func take(_ work: AppendQueue.Work) throws(JournalError) {
        for group in work.groups {
            held.append(group)
            heldBytes += group.batch.bytes.count
        }
        // A new segment proves that there is room again, before anyone is told so.
        if isFailing, segment == nil { try openSegment(safe + 1) }
        try write()
        let isDue = syncDeadline.map { $0 <= .now() } ?? false
        if mode == .always || work.isFlushWanted || work.isClosing || work.endsSegment || isDue
            || isFailing || heldBytes > Limits.journalUnsyncedBytesMax
        {
            try sync()
        }
        // One that holds nothing begins where the next would, under the same name: it is the next.
        let isEmpty = segment.map { $0.first > safe } ?? true
        if work.isClosing || work.endsSegment && !isEmpty { endSegment() }
        isFailing = false
        queue.report(
            written: held.last.map { $0.batch.end - 1 } ?? safe, synced: synced,
            heldBytes: heldBytes)
    }

    /// Writes what is held and not written.
    private mutating func write() throws(JournalError) {
        while writtenCount < held.count {
            let group = held[writtenCount]
            if let segment, group.startsSegment || segment.bytesCount >= segmentBytesMax {
                if segment.first < group.batch.first {
                    try sync()
                    endSegment()
                    continue
                }
            }
            if segment == nil { try openSegment(group.batch.first) }
            try segment?.append(group.batch)
            writtenCount += 1
            if mode == .everysec, syncDeadline == nil {
                syncDeadline = .now() + .milliseconds(Limits.journalSyncMilliseconds)
            }
            if mode == .off { settle() }
        }
    }

    private mutating func openSegment(_ first: UInt64) throws(JournalError) {
        segment = try SegmentFile.create(first, in: directory)
    }

    /// Makes all that is written safe, and tells who waited.
    private mutating func sync() throws(JournalError) {
        syncDeadline = nil
        guard let segment else { return }
        let start = DispatchTime.now().uptimeNanoseconds
        try segment.sync()
        pace.synced(
            outstanding: queue.countOutstanding(after: safe),
            nanoseconds: Int(DispatchTime.now().uptimeNanoseconds - start))
        let last = writtenCount > 0 ? held[writtenCount - 1].batch.end - 1 : safe
        if last > synced {
            synced = last
            mark.write(last)
        }
        settle()
    }

    /// Lets go of what is written; the order of completions is the order of sequences.
    private mutating func settle() {
        let groups = held.prefix(writtenCount)
        guard let last = groups.last else { return }
        safe = last.batch.end - 1
        for group in groups {
            heldBytes -= group.batch.bytes.count
            group.complete()
        }
        held.removeFirst(writtenCount)
        writtenCount = 0
    }

    private mutating func endSegment() {
        guard let segment else { return }
        self.segment = nil
        housekeeper.seal(segment, end: safe + 1)
    }

    /// Gives the segment up. Rows in it after `safe` are superseded by the next segment's name.
    private mutating func fail(_ error: JournalError) {
        isFailing = true
        syncDeadline = nil
        writtenCount = 0
        if let segment {
            segment.abandon()
            housekeeper.mind(segment.first, end: safe + 1)
        }
        segment = nil
        guard mode == .always else {
            _ = queue.fail("\(error)", takingBackAfter: nil)
            return
        }
        let waiting = held + queue.fail("\(error)", takingBackAfter: safe)
        held = []
        heldBytes = 0
        for group in waiting { group.complete(error) }
    }
}
