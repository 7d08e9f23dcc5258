import Foundation
import Glibc
import Testing

@testable import Journal

/// Processes that are killed in the middle of their work.
@Suite(.serialized) struct CrashTests {
    @Test(arguments: [Durability.always, .everysec])
    func `what was acknowledged before a kill is there, whole, and in order`(
        _ mode: Durability
    ) throws {
        var random = SeededRandom(seed: 9)
        let directory = try TestDirectory()
        for round in 0..<24 {
            let lines = Int.random(in: 0..<1_500, using: &random)
            let acknowledged = try Probe(["append", directory.path, mode.rawValue])
                .killed(afterLines: lines).compactMap { UInt64($0) }
            let found = try directory.contents()
            let last = found.recovery.lastSequence
            if mode == .always {
                #expect(last >= acknowledged.last ?? 0, "round \(round)")
            }
            #expect(acknowledged == Array((acknowledged.first ?? 1)..<(acknowledged.last ?? 0) + 1))
            let start = found.recovery.snapshotSequence
            if start > 0 { #expect(found.snapshot == Array("up to \(start)".utf8)) }
            #expect(found.records.count == Int(last - start))
            for (offset, record) in found.records.enumerated() {
                let expected = probeRecord(start + 1 + UInt64(offset))
                if record != expected { Issue.record("record \(start + 1 + UInt64(offset))") }
            }
        }
    }

    @Test func `a process that was killed gives the lock up, one that lives does not`() throws {
        let directory = try TestDirectory()
        let probe = try Probe(["append", directory.path, "always"])
        _ = try probe.line()
        #expect(
            throws: JournalError.lockedDirectory(directory.path, holder: "\(probe.identifier)")
        ) { try EmbeddedJournal(directory: directory.path) }
        _ = probe.killed(afterLines: 0)
        _ = try directory.contents()
    }
}

/// A running `JournalProbe`, and the lines it prints.
final class Probe {
    private let process = Process()
    private let output = Pipe()
    private var rest = Data()

    init(_ arguments: [String]) throws {
        // Lies beside the program of the tests.
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
            .deletingLastPathComponent().appendingPathComponent("JournalProbe")
        process.arguments = arguments
        process.standardOutput = output
        try process.run()
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    var identifier: Int32 { process.processIdentifier }

    func line() throws -> String {
        while !rest.contains(UInt8(ascii: "\n")) {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { break }
            rest += more
        }
        let end = try #require(rest.firstIndex(of: UInt8(ascii: "\n")), "the probe said nothing")
        defer { rest = Data(rest[(end + 1)...]) }
        return String(decoding: rest[..<end], as: UTF8.self)
    }

    /// Kills the process once it has printed so many lines; all the lines that it got out.
    func killed(afterLines count: Int) -> [String] {
        var text = rest
        var lines = 0
        while lines < count {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { break }
            lines += more.count { $0 == UInt8(ascii: "\n") }
            text += more
        }
        kill(process.processIdentifier, SIGKILL)
        text += output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// All the lines of a process that ends by itself.
    func ended() -> (lines: [String], status: Int32) {
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
        return (lines, process.terminationStatus)
    }
}
