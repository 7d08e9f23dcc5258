import Domain
import Policy
import Testing

@testable import Engine

/// What a journal keeps of a change, and what applying it again gives.
@Suite("Changes as bytes")
struct ChangeBytesTests {
    static let seeds: [UInt64] = Array(1...16)

    @Test("come back as what they were", arguments: seeds)
    func roundTrip(seed: UInt64) throws {
        var changes = RandomChanges(seed: seed)
        for _ in 0..<200 {
            let change = try changes.next()
            #expect(try Change(bytes: change.bytes[...]) == change)
            #expect(try ChangeRecord(bytes: change.bytes[...]) == .change(change))
        }
    }

    @Test("are refused when they are cut short, or go on", arguments: seeds)
    func truncation(seed: UInt64) throws {
        var changes = RandomChanges(seed: seed)
        for _ in 0..<20 {
            let bytes = try changes.next().bytes
            for count in 0..<bytes.count {
                #expect(throws: ChangeBytesError.self) { try Change(bytes: bytes[..<count]) }
            }
            #expect(throws: ChangeBytesError.trailing(bytes: 1)) {
                try Change(bytes: (bytes + [0])[...])
            }
        }
    }

    /// A flipped bit of a name gives another name: then it is a change as good as any. The journal's
    /// own checksums see the flip before.
    @Test("with flipped bits are refused, or another change; never a crash", arguments: seeds)
    func flips(seed: UInt64) throws {
        var changes = RandomChanges(seed: seed)
        let world = try TestEngine()
        for _ in 0..<20 {
            let bytes = try changes.next().bytes
            for bit in 0..<min(bytes.count * 8, 1_600) {
                var flipped = bytes
                flipped[bit / 8] ^= 1 << UInt8(bit % 8)
                guard let change = try? Change(bytes: flipped[...]) else { continue }
                #expect(try Change(bytes: change.bytes[...]) == change)
                // What does not fit this engine is refused as well.
                _ = try? world.engine.apply(change)
            }
        }
    }

    @Test("of any bytes are refused, or a change; never a crash")
    func noise() {
        var random = SeededRandom(seed: 3)
        for _ in 0..<20_000 {
            let tail = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            let kind = UInt8.random(in: 0...15, using: &random)
            _ = try? ChangeRecord(bytes: ([1, kind] + tail)[...])
            _ = try? ChangeRecord(bytes: ([0, 1] + tail)[...])
        }
    }

    @Test("of a later version are named as such")
    func later() {
        #expect(throws: ChangeBytesError.newerVersion(2)) { try Change(bytes: [2, 1]) }
        #expect(throws: ChangeBytesError.unknownKind(99)) { try Change(bytes: [1, 99]) }
    }

    @Test("take little room: a chat of one topic 40 bytes")
    func size() throws {
        let signal = ResolvedSignal(
            user: try UserID("user-0000001"), type: .chat,
            at: try Timestamp(milliseconds: TestEngine.start), event: 1, product: nil,
            about: .topics([TopicWeight(topic: TopicID(rawValue: 7), weight: 200)]))
        #expect(Change.keepSignal(signal).bytes.count <= 40)
    }

    @Test("open a journal with what it depends on", arguments: seeds)
    func genesis(seed: UInt64) throws {
        var changes = RandomChanges(seed: seed)
        let genesis = Genesis(
            tasteDimension: 20, textDigest: "digest",
            changes: try (0..<5).map { _ in try changes.next() })
        let bytes = genesis.bytes
        #expect(try ChangeRecord(bytes: bytes[...]) == .genesis(genesis))
        for count in 0..<bytes.count {
            #expect(throws: ChangeBytesError.self) { try ChangeRecord(bytes: bytes[..<count]) }
        }
    }

    // MARK: Replay

    private func world(shards: Int) throws -> TestEngine {
        try TestEngine(shards: shards) { surfaces in
            for index in surfaces.indices {
                surfaces[index].product = try Product("a")
                surfaces[index].kinds = [try Kind("ad"), try Kind("post")]
            }
        }
    }

    /// All that can be asked: exports, items, rankings with their reasons.
    private func everything(of world: TestEngine) throws -> String {
        var lines = [try world.everything(on: "ads"), try world.everything(on: "feed")]
        for user in SignalLog.users { lines.append("\(try world.export(user) as Any)") }
        for item in SignalLog.items { lines.append("\(try world.item(item) as Any)") }
        let state = world.engine.state
        lines.append("\(state.sequence) \(state.items) \(state.slots) \(state.rows) \(state.users)")
        return lines.joined(separator: "\n")
    }

    @Test("applied to a fresh engine in their order give the same answers", arguments: seeds)
    func replay(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let log = SignalLog.random(entries: 120, using: &random)
            .withControls(oneIn: 5, using: &random)
        let recorder = ChangeRecorder()
        let lived = try world(shards: 4)
        ChangeRecorder.$current.withValue(recorder) { _ = log.play(in: lived) }
        #expect(!recorder.changes.isEmpty)
        let replayed = try world(shards: 16)
        for change in recorder.changes {
            try replayed.engine.apply(try Change(bytes: change.bytes[...]))
        }
        #expect(try everything(of: replayed) == everything(of: lived))
    }
}
