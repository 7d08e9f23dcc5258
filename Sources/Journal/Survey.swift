/// One walk over a directory: what recovery replays and what a check reports, by the same rules.
///
/// The newest valid snapshot says where to begin; then the segments follow without a gap. A segment
/// counts up to where the next begins: rows past that are of a write that failed and was told so.
/// Changes nothing in any file.
struct Survey {
    /// Something that is not as it was written.
    struct Fault {
        var damage: Damage
        /// Whether records are gone, or only what stands for them.
        var losesRecords = true
    }

    /// A segment and the sequence after its last.
    struct Extent {
        var first: UInt64
        var end: UInt64
    }

    let directory: DataDirectory
    private(set) var recovery = Recovery()
    /// The segments that hold records after the snapshot, and by their first sequence the rest.
    private(set) var liveSegments: [Extent] = []
    private(set) var coveredSegments: [UInt64] = []
    private(set) var coveredSnapshots: [UInt64] = []
    private(set) var mark = SyncedMark.Reading()
    private var hasMark = false

    init(_ directory: DataDirectory) { self.directory = directory }

    /// Walks over everything that recovery needs. `fault` may throw to end there, or note and go
    /// on.
    mutating func walk(
        visit: (Recovered) throws -> Void, fault: (Fault) throws -> Void
    ) throws {
        try readMark(fault)
        try readSnapshots(visit, fault)
        try readSegments(visit, fault)
        if !hasMark, recovery.lastSequence > 0 {
            try fault(
                Fault(
                    damage: Damage(
                        file: "synced", sequences: 1...recovery.lastSequence,
                        reason: "it is missing"),
                    losesRecords: false))
        }
        guard recovery.lastSequence < mark.sequence else { return }
        try fault(
            Fault(
                damage: Damage(
                    file: liveSegments.last.map { SegmentFile.name($0.first) }
                        ?? "the last segment",
                    sequences: recovery.lastSequence + 1...mark.sequence,
                    reason: "it ends before what was synced")))
    }

    private mutating func readMark(_ fault: (Fault) throws -> Void) throws {
        guard let reading = try SyncedMark.read(directory.file("synced")) else { return }
        mark = reading
        hasMark = true
        if reading.damagedSlots == 1 {
            recovery.notes.append("synced: one of its two copies is damaged")
        } else if reading.damagedSlots == 2 {
            try fault(
                Fault(
                    damage: Damage(
                        file: "synced", sequences: 1...1, reason: "both copies are damaged"),
                    losesRecords: false))
        }
    }

    private mutating func readSnapshots(
        _ visit: (Recovered) throws -> Void, _ fault: (Fault) throws -> Void
    ) throws {
        let snapshots = try directory.sequences(of: "snapshot")
        let oldestSegment = try directory.sequences(of: "segment", suffix: ".sqlite").first
        for (index, sequence) in snapshots.enumerated().reversed() {
            do {
                // Verified as a whole before its first byte is used.
                try SnapshotFile.read(sequence, in: directory) { _ in }
            } catch let found as SnapshotFault {
                let damage = Damage(
                    file: SnapshotFile.name(sequence), sequences: 1...max(sequence, 1),
                    reason: "\(found.reason), at byte \(found.offset)")
                // An older one, or the very first segment, stands in when nothing is missing after
                // it.
                let base = index > 0 ? snapshots[index - 1] : 0
                let standsIn = oldestSegment.map { $0 <= base + 1 } ?? false
                try fault(Fault(damage: damage, losesRecords: !standsIn))
                continue
            }
            recovery.snapshotSequence = sequence
            recovery.lastSequence = sequence
            coveredSnapshots = Array(snapshots[..<index])
            try SnapshotFile.read(sequence, in: directory) { try visit(.snapshot($0)) }
            return
        }
    }

    private mutating func readSegments(
        _ visit: (Recovered) throws -> Void, _ fault: (Fault) throws -> Void
    ) throws {
        let firsts = try directory.sequences(of: "segment", suffix: ".sqlite")
        let base = recovery.snapshotSequence
        for (index, first) in firsts.enumerated() {
            let next = index + 1 < firsts.count ? firsts[index + 1] : nil
            if let next, next <= base + 1 {
                coveredSegments.append(first)
                continue
            }
            let expected = recovery.lastSequence + 1
            if first > expected {
                try fault(
                    Fault(
                        damage: Damage(
                            file: SegmentFile.name(first), sequences: expected...first - 1,
                            reason: "the segment before it is missing")))
            }
            let (end, isWhole) = try readSegment(first, before: next, visit, fault)
            let isNeeded = mark.sequence >= max(first, base + 1)
            if isWhole, !isNeeded, end == first || end <= base + 1 {
                coveredSegments.append(first)
            } else {
                liveSegments.append(Extent(first: first, end: end))
            }
            recovery.lastSequence = max(recovery.lastSequence, end - 1)
        }
    }

    /// - Returns: the sequence after the last that the segment answers for; whether all are there.
    private mutating func readSegment(
        _ first: UInt64, before next: UInt64?, _ visit: (Recovered) throws -> Void,
        _ fault: (Fault) throws -> Void
    ) throws -> (end: UInt64, isWhole: Bool) {
        let base = recovery.snapshotSequence
        let segment = try SegmentReader(first, in: directory)
        var isWhole = true
        func lose(_ lower: UInt64, _ upper: UInt64?, _ reason: String) throws {
            let known = upper ?? next.map { $0 - 1 } ?? mark.sequence
            isWhole = false
            guard max(known, lower) > base else { return }
            try fault(
                Fault(
                    damage: Damage(
                        file: segment.name, sequences: lower...max(known, lower), reason: reason)))
        }
        var end = try segment.read(
            before: next,
            { batch in
                guard let records = batch.records() else {
                    return try lose(batch.first, batch.end - 1, "a batch's lengths are wrong")
                }
                for (offset, record) in records.enumerated()
                where batch.first + UInt64(offset) > base {
                    try visit(.record(sequence: batch.first + UInt64(offset), record))
                }
            }, fault: lose)
        if let next {
            if end < next, isWhole { try lose(end, next - 1, Self.ending(of: segment.log)) }
            end = next
        } else if case .damaged = segment.log.end, isWhole {
            try lose(end, nil, Self.ending(of: segment.log))
        } else if case .torn(let bytes) = segment.log.end {
            recovery.notes.append(
                "\(segment.name): its last write did not finish, and \(bytes) bytes after sequence "
                    + "\(end - 1) are cut off")
        }
        if isWhole, try !segment.matchesDigest() {
            try fault(
                Fault(
                    damage: Damage(
                        file: segment.name, sequences: first...max(first, end - 1),
                        reason: "its digest is another than when it was written"),
                    losesRecords: false))
        }
        return (end, isWhole)
    }

    private static func ending(of log: WriteAheadLog) -> String {
        switch log.end {
        case .damaged(let offset): "its log is wrong after byte \(offset), and goes on"
        case .torn, .clean: "it ends early"
        }
    }
}
