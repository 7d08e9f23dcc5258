import Journal

/// A data directory looked at, and cut back to what is whole; no server has it meanwhile.
package enum DataCheck {
    /// In words, a line each.
    package struct Report: Sendable {
        package let lines: [String]
        package let isSound: Bool
    }

    /// Reads everything that a recovery would, and changes nothing.
    package static func check(_ path: String) throws(DataError) -> Report {
        let report = try journal { try EmbeddedJournal.check(path) }
        let recovery = report.recovery
        let base =
            recovery.snapshotSequence == 0
            ? "no snapshot" : "a snapshot of records 1 to \(recovery.snapshotSequence)"
        let found =
            "\(path): \(base), \(report.recordsCount) records in \(report.segmentsCount) segments, "
            + "the last is \(recovery.lastSequence)"
        let damages = report.damages.map { "\($0)" }
        return Report(
            lines: [found] + recovery.notes + damages
                + [damages.isEmpty ? "sound" : "damaged: see 'cairn check --repair \(path)'"],
            isSound: damages.isEmpty)
    }

    /// Cuts the directory back to the last record before the first damage. What is taken out lies in
    /// its folder `lost`.
    package static func repair(_ path: String) throws(DataError) -> Report {
        let report = try journal { try EmbeddedJournal.repair(path) }
        guard !report.actions.isEmpty else {
            return Report(lines: ["\(path): sound, nothing to repair"], isSound: true)
        }
        let lost =
            report.lost.map { "lost: records \($0.lowerBound) to \($0.upperBound)" }
            ?? "no record is lost"
        return Report(
            lines: report.actions + [
                lost, "the last record that is kept is \(report.lastSequence)",
            ],
            isSound: true)
    }

    private static func journal<Value>(_ body: () throws -> Value) throws(DataError) -> Value {
        do {
            return try body()
        } catch let error as JournalError {
            throw .journal(error)
        } catch {
            throw .unreadable(what: "the journal", reason: "\(error)")
        }
    }
}
