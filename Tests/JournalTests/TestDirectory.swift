import Domain
import Foundation
import Glibc

@testable import Journal

/// A directory of its own for one test, gone with it.
final class TestDirectory: Sendable {
    let path: String

    convenience init() throws {
        try self.init(
            at: FileManager.default.temporaryDirectory
                .appendingPathComponent("cairn-journal-\(UUID().uuidString)").path)
    }

    init(at path: String) throws {
        self.path = path
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false)
    }

    /// What a crash would leave of another directory, now.
    convenience init(imageOf other: TestDirectory) throws {
        try self.init()
        try copyAll(of: other)
    }

    func copyAll(of other: TestDirectory) throws {
        for name in try other.names() where name != "lost" {
            try put(try other.bytes(name), name)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    }

    func names(_ suffix: String) throws -> [String] { try names().filter { $0.hasSuffix(suffix) } }

    func size(_ name: String) -> Int { PosixFile.size(file(name)) ?? 0 }

    func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: file(name))))
    }

    func put(_ bytes: [UInt8], _ name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
    }

    func truncate(_ name: String, to size: Int) { _ = Glibc.truncate(file(name), size) }

    func flip(bit: Int, of name: String) throws {
        var bytes = try bytes(name)
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        try put(bytes, name)
    }

    // MARK: Journals in it

    func open(
        _ mode: Durability = .always, segmentBytesMax: Int = Limits.journalSegmentBytesMax
    ) throws -> (journal: EmbeddedJournal, found: Contents) {
        let journal = try EmbeddedJournal(
            directory: path, mode: mode, segmentBytesMax: segmentBytesMax)
        var found = Contents()
        found.recovery = try journal.recover { found.add($0) }
        return (journal, found)
    }

    /// Opens, reads everything and closes again.
    func contents() throws -> Contents {
        let (journal, found) = try open()
        try journal.close()
        return found
    }

    /// The damage that a recovery is refused for.
    func refusal() throws -> Damage? {
        do {
            _ = try contents()
            return nil
        } catch JournalError.damaged(let damage) {
            return damage
        }
    }
}

/// What a recovery handed out.
struct Contents {
    var snapshot: [UInt8] = []
    var first: UInt64?
    var records: [[UInt8]] = []
    var recovery = Recovery()

    mutating func add(_ piece: Recovered) {
        switch piece {
        case .snapshot(let bytes): snapshot += bytes
        case .record(let sequence, let record):
            precondition(sequence == (first ?? sequence) + UInt64(records.count), "a gap")
            first = first ?? sequence
            records.append(Array(record))
        }
    }
}

extension EmbeddedJournal {
    /// Appends and does not look back.
    @discardableResult
    func append(_ record: [UInt8]) throws(JournalError) -> UInt64 {
        try append(record.span) { _ in }
    }

    /// Appends one after another, each a group of its own.
    func appendEach(_ records: some Sequence<[UInt8]>) throws {
        for record in records {
            try append(record)
            try flush()
        }
    }

    func snapshot(_ bytes: [UInt8]) throws {
        let point = snapshotPoint()
        try writeSnapshot(covering: point) { write in try write(bytes.span) }
        settleBackground()
    }
}

/// The record that `JournalProbe` appends at a sequence.
func probeRecord(_ sequence: UInt64) -> [UInt8] {
    let length = Int(sequence &* 2_654_435_761 % 700)
    return (0..<length).map { UInt8(truncatingIfNeeded: sequence &+ UInt64($0)) }
}

/// SplitMix64: the same numbers from the same seed, everywhere.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    /// A record: often tiny, now and then empty, seldom a mebibyte.
    mutating func record() -> [UInt8] {
        let lengths = [0, 1, 64, 64, 200, 4_091, 4_096, 5_000, 20_000]
        let length =
            Int.random(in: 0..<60, using: &self) == 0
            ? 1 << 20 : lengths.randomElement(using: &self) ?? 0
        let seed = UInt8.random(in: 0...255, using: &self)
        return (0..<length).map { seed &+ UInt8(truncatingIfNeeded: $0 &* 31) }
    }
}
