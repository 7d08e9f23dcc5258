/// What stands in a directory, verified to the last byte, and how it is cut back to what is whole.
///
/// Both take the directory's lock, so not while a server has it.
extension EmbeddedJournal {
    /// What `check` found.
    package struct CheckReport: Sendable {
        package var recovery: Recovery
        package var recordsCount: Int
        package var segmentsCount: Int
        /// Everything that is not as it was written, in order of place; empty for a sound
        /// directory.
        package var damages: [Damage]
    }

    /// What `repair` took out.
    package struct RepairReport: Sendable {
        /// The newest record that is kept.
        package var lastSequence: UInt64
        /// Records that are gone; the upper bound is the last that is known to have been there.
        package var lost: ClosedRange<UInt64>?
        /// What was done, in words. Files taken out lie in `lost/`.
        package var actions: [String]
    }

    /// Reads everything that a recovery would, and goes on after damage. Changes nothing.
    package static func check(_ path: String) throws -> CheckReport {
        let (survey, faults, records) = try examine(DataDirectory(path))
        return CheckReport(
            recovery: survey.recovery, recordsCount: records,
            segmentsCount: survey.liveSegments.count, damages: faults.map(\.damage))
    }

    /// Cuts a directory back to the last record before the first damage. Does nothing to a sound
    /// one.
    /// - Throws: `unrepairable` when nothing whole begins at a snapshot or at sequence 1.
    package static func repair(_ path: String) throws -> RepairReport {
        let directory = try DataDirectory(path)
        let (survey, faults, _) = try examine(directory)
        let losses = faults.filter(\.losesRecords)
        let known = max(
            survey.recovery.lastSequence, survey.mark.sequence,
            losses.map(\.damage.sequences.upperBound).max() ?? 0)
        let last = losses.map { $0.damage.sequences.lowerBound - 1 }.min() ?? known
        guard !faults.isEmpty else {
            return RepairReport(lastSequence: last, lost: nil, actions: [])
        }
        let base = survey.recovery.snapshotSequence
        guard last > base || last == base && (base > 0 || survey.liveSegments.first?.first == 1)
        else {
            throw JournalError.unrepairable("\(losses[0].damage)")
        }
        var actions: [String] = []
        for fault in faults where fault.damage.file.hasPrefix("snapshot") {
            try directory.setAside(fault.damage.file)
            actions.append("\(fault.damage.file) was set aside")
        }
        let damaged = Set(faults.map(\.damage.file))
        for (index, extent) in survey.liveSegments.enumerated().reversed() {
            let (first, name) = (extent.first, SegmentFile.name(extent.first))
            let next = index + 1 < survey.liveSegments.count ? survey.liveSegments[index + 1] : nil
            let end = next?.first ?? known + 1
            guard end > last + 1 || damaged.contains(name) else { continue }
            try replace(first, keepingTo: last, before: end, in: directory)
            actions.append(
                first > last
                    ? "\(name) was set aside"
                    : "\(name) was written anew up to \(min(last, end - 1))")
        }
        try SyncedMark.reset(directory.file("synced"), to: last)
        return RepairReport(
            lastSequence: last, lost: known > last ? last + 1...known : nil, actions: actions)
    }

    private static func examine(_ directory: DataDirectory) throws -> (Survey, [Survey.Fault], Int)
    {
        var survey = Survey(directory)
        var faults: [Survey.Fault] = []
        var records = 0
        try survey.walk(
            visit: { if case .record = $0 { records += 1 } }, fault: { faults.append($0) })
        return (survey, faults, records)
    }

    /// Puts a segment of the rows up to `last` in the place of a damaged one.
    private static func replace(
        _ first: UInt64, keepingTo last: UInt64, before end: UInt64, in directory: DataDirectory
    ) throws {
        var kept: [Batch] = []
        _ = try SegmentReader(first, in: directory).read(
            before: min(end, last + 1), { kept.append($0) }, fault: { _, _, _ in })
        kept.removeAll { $0.end > last + 1 }
        let path = directory.file(SegmentFile.name(first))
        if !kept.isEmpty { try SegmentFile.build(path + ".new", holding: kept, isSealed: true) }
        let names = [
            SegmentFile.logName(first), SegmentFile.digestName(first), SegmentFile.name(first),
        ]
        for name in names { try directory.setAside(name) }
        guard !kept.isEmpty else { return }
        try PosixFile.rename(path + ".new", to: path)
        try directory.sync()
        try SegmentFile.writeDigest(of: path, for: first, in: directory)
    }
}
