/// Where a server's accepted changes are kept: what is promised, apart from how.
///
/// A journal knows bytes and their order, nothing else. Records form one total order without gaps,
/// numbered from 1 by the journal; no clock takes part. A snapshot is a stream of bytes that stands
/// for every record up to the sequence it covers. `EmbeddedJournal` keeps both on this machine.
package protocol Journal: AnyObject, Sendable {
    /// Hands out what is kept, oldest first: the newest valid snapshot, then every record after it.
    /// Called once, before the first append. Ends at the first error of the journal or of `visit`.
    func recover(_ visit: (Recovered) throws -> Void) throws -> Recovery

    /// Takes `record` and returns its sequence at once; does no I/O and never blocks.
    ///
    /// `completion` is called once: under `always` after the sync of the record's group, by the
    /// writer's thread and in order of sequence; under `everysec` and `off` before this returns. A
    /// record whose completion gets an error is not kept, and a later one will get its sequence.
    /// - Throws: `queueFull`, `recordTooLong`, `refusing` while the disk fails, `closed`.
    func append(
        _ record: Span<UInt8>,
        completion: @escaping @Sendable (Result<UInt64, JournalError>) -> Void
    ) throws(JournalError) -> UInt64

    /// Blocks until the queue has room again, or refuses for another reason. Not for event loops.
    func waitForRoom()

    /// Blocks until everything appended before is synced, in every mode.
    func flush() throws(JournalError)

    /// Ends the segment after what was appended so far, whose last sequence this is: a snapshot
    /// that covers it leaves nothing older on disk. Under `always`, wait for its acknowledgement.
    func snapshotPoint() -> UInt64

    /// Writes a snapshot that stands for every record up to `sequence`, all of which have been
    /// acknowledged, then removes what it covers. Runs in the caller's thread and blocks no append.
    /// `produce` hands its bytes, in pieces of any size, to the function it is given; if it throws,
    /// nothing of the snapshot remains.
    func writeSnapshot(
        covering sequence: UInt64, _ produce: ((Span<UInt8>) throws -> Void) throws -> Void
    ) throws

    var status: JournalStatus { get }

    /// Writes and syncs what waits, then gives the journal up. Appends are refused from here on.
    func close() throws(JournalError)
}

/// When a record counts as kept.
package enum Durability: String, CaseIterable, Sendable {
    /// After it was synced, together with all that had gathered meanwhile.
    case always
    /// At once; synced at most a second later.
    case everysec
    /// At once; synced when the kernel likes, when a segment is sealed, and by `close`.
    case off
}

/// One piece of what `recover` hands out.
package enum Recovered {
    /// The next bytes of the snapshot, which was verified as a whole before its first piece.
    case snapshot([UInt8])
    case record(sequence: UInt64, ArraySlice<UInt8>)
}

/// What `recover` found.
package struct Recovery: Equatable, Sendable {
    /// What the snapshot covers; 0 without one.
    package var snapshotSequence: UInt64 = 0
    /// The newest record kept; 0 for an empty journal.
    package var lastSequence: UInt64 = 0
    /// What an operator should read: a torn tail that was cut, an older snapshot that stood in.
    package var notes: [String] = []
}

/// The journal at one moment, for INFO.
package struct JournalStatus: Equatable, Sendable {
    package var mode: Durability
    /// The newest sequence given out, the newest written to a file, the newest synced.
    package var lastSequence: UInt64
    package var writtenSequence: UInt64
    package var syncedSequence: UInt64
    /// Bytes that wait for the disk, with those that are written and not yet synced.
    package var waitingBytes: Int
    package var snapshotSequence: UInt64
    /// Why appends are refused, while the disk fails.
    package var failure: String?
    /// What the background could not do, most recently: sealing, or removing covered segments.
    package var warning: String?

    /// Records that a loss of power would take, now.
    package var lagRecords: UInt64 { lastSequence - syncedSequence }
}
