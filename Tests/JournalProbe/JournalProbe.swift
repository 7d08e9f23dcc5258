import Domain
import Foundation
import Glibc
import Journal

/// A process that the journal's tests can kill or starve of disk, and that measures it.
///
///     JournalProbe append DIR MODE           appends for ever; prints what is acknowledged
///     JournalProbe starve DIR MODE BYTES     no file may grow past BYTES, and then may again
///     JournalProbe measure DIR               records a second, and how long an `always` takes
@main enum JournalProbe {
    static func main() throws {
        let words = CommandLine.arguments
        guard words.count >= 3 else { fatalError("JournalProbe COMMAND DIR ...") }
        let mode = words.count > 3 ? Durability(rawValue: words[3]) ?? .always : .always
        switch words[1] {
        case "append": try append(to: words[2], mode)
        case "starve": try starve(words[2], mode, bytesMax: UInt(words[4]) ?? 0)
        case "measure": try Measurement.run(in: words[2])
        default: fatalError("no such command")
        }
    }

    /// The record at a sequence: everyone can tell whether it is the right one.
    static func record(_ sequence: UInt64) -> [UInt8] {
        let length = Int(sequence &* 2_654_435_761 % 700)
        return (0..<length).map { UInt8(truncatingIfNeeded: sequence &+ UInt64($0)) }
    }

    private static func append(to directory: String, _ mode: Durability) throws {
        let journal = try EmbeddedJournal(
            directory: directory, mode: mode, segmentBytesMax: 256 << 10)
        let last = try journal.recover { _ in }.lastSequence
        var sequence = last
        while true {
            do throws(JournalError) {
                sequence = try journal.append(record(sequence + 1).span) { result in
                    if case .success(let sequence) = result { say("\(sequence)") }
                }
                if sequence % 997 == 0 {
                    let point = journal.snapshotPoint()
                    Thread.detachNewThread {
                        try? journal.writeSnapshot(covering: point) { write in
                            try write(Array("up to \(point)".utf8).span)
                        }
                    }
                }
            } catch .queueFull {
                journal.waitForRoom()
            }
        }
    }

    /// Appends until the disk is full, then until it works again; says what was acknowledged.
    private static func starve(_ directory: String, _ mode: Durability, bytesMax: UInt) throws {
        signal(SIGXFSZ, SIG_IGN)
        let journal = try EmbeddedJournal(directory: directory, mode: mode)
        _ = try journal.recover { _ in }
        limit(bytesMax)
        func appendUntilRefused() throws -> JournalError {
            while true {
                do throws(JournalError) {
                    let next = journal.status.lastSequence + 1
                    let sequence = try journal.append(record(next).span) { result in
                        switch result {
                        case .success(let sequence): say("kept \(sequence)")
                        case .failure(let error): say("failed \(error)")
                        }
                    }
                    precondition(sequence == next)
                    usleep(50)
                } catch {
                    return error
                }
            }
        }
        say("refused \(try appendUntilRefused())")
        limit(UInt(bitPattern: -1))
        while journal.status.failure != nil { usleep(1_000) }
        for _ in 0..<100 {
            let next = journal.status.lastSequence + 1
            _ = try journal.append(record(next).span) { result in
                if case .success(let sequence) = result { say("kept \(sequence)") }
            }
        }
        try journal.close()
        say("closed \(journal.status.lastSequence)")
    }

    private static func limit(_ bytes: UInt) {
        var limits = rlimit()
        unsafe getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limits)
        limits.rlim_cur = min(bytes, limits.rlim_max)
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limits)
    }

    /// One line to standard output in one write, so that a kill cannot tear it.
    static func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        unsafe bytes.withUnsafeBytes { source in
            _ = unsafe write(1, source.baseAddress, source.count)
        }
    }
}
