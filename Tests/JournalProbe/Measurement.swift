import Dispatch
import Foundation
import Glibc
import Journal
import Synchronization

/// How many records of 64 bytes a second each mode takes, from 1 and from 50 appenders that wait
/// for each acknowledgement, and from one that does not; how long an acknowledgement takes.
enum Measurement {
    private static let secondsEach = 3.0
    private static let record = [UInt8](repeating: 7, count: 64)

    static func run(in directory: String) throws {
        JournalProbe.say("mode       appenders   records/s    p50 us    p99 us   bytes/record")
        for mode in Durability.allCases {
            for appenders in [1, 50] {
                try measure(directory, mode, appenders: appenders, waits: true)
            }
            try measure(directory, mode, appenders: 1, waits: false)
        }
    }

    private static func measure(
        _ parent: String, _ mode: Durability, appenders: Int, waits: Bool
    ) throws {
        let directory = "\(parent)/\(mode)-\(appenders)-\(waits)"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let journal = try EmbeddedJournal(directory: directory, mode: mode)
        _ = try journal.recover { _ in }
        let times = Mutex<[UInt64]>([])
        let start = now()
        let end = start + UInt64(secondsEach * 1e9)
        let group = DispatchGroup()
        for _ in 0..<appenders {
            group.enter()
            Thread.detachNewThread {
                let mine = waits ? appendAndWait(journal, until: end) : stream(journal, until: end)
                times.withLock { $0 += mine }
                group.leave()
            }
        }
        group.wait()
        try journal.flush()
        let seconds = Double(now() - start) / 1e9
        let count = journal.status.lastSequence
        try journal.close()
        let sorted = times.withLock { $0.sorted() }
        func percentile(_ share: Double) -> String {
            sorted.isEmpty
                ? "-"
                : String(
                    format: "%.1f", Double(sorted[Int(Double(sorted.count - 1) * share)]) / 1e3)
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: directory)
        let bytes = try files.reduce(0) { total, name in
            let attributes = try FileManager.default.attributesOfItem(
                atPath: "\(directory)/\(name)")
            return total + (attributes[.size] as? Int ?? 0)
        }
        let words = [
            mode.rawValue.padding(toLength: 9, withPad: " ", startingAt: 0),
            (waits ? "\(appenders)" : "\(appenders) no wait")
                .padding(toLength: 10, withPad: " ", startingAt: 0),
            String(format: "%10.0f", Double(count) / seconds), percentile(0.5), percentile(0.99),
            String(format: "%.0f", Double(bytes) / Double(count)),
        ]
        JournalProbe.say(words.joined(separator: "  "))
    }

    private static func appendAndWait(_ journal: EmbeddedJournal, until end: UInt64) -> [UInt64] {
        let done = DispatchSemaphore(value: 0)
        var times: [UInt64] = []
        while true {
            let start = now()
            guard start < end else { return times }
            do throws(JournalError) {
                _ = try journal.append(record.span) { _ in done.signal() }
                done.wait()
                times.append(now() - start)
            } catch {
                journal.waitForRoom()
            }
        }
    }

    private static func stream(_ journal: EmbeddedJournal, until end: UInt64) -> [UInt64] {
        while now() < end {
            do throws(JournalError) {
                for _ in 0..<64 { _ = try journal.append(record.span) { _ in } }
            } catch {
                journal.waitForRoom()
            }
        }
        return []
    }

    private static func now() -> UInt64 { DispatchTime.now().uptimeNanoseconds }
}
