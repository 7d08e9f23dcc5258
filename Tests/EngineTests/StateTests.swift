import Dispatch
import Domain
import Foundation
import Policy
import Testing

@testable import Engine

/// The state copied by a child process and restored into an engine that is new.
@Suite("The state")
struct StateTests {
    static let model = "the model of the tests"

    @Test("a restored engine answers alike and goes on alike", arguments: 0..<8)
    func restoredIsTheSame(seed: Int) throws {
        let original = try TestEngine(shards: 4, product: "a")
        var history = StateHistory(seed: UInt64(seed))
        _ = history.play(seed == 0 ? 0 : 500 + 200 * seed, in: original)
        let restored = try TestEngine(shards: seed % 2 == 0 ? 1 : 16)
        try restored.restore(try original.copiedState(), pieces: seed % 3 == 0 ? 7 : 100_000)
        #expect(restored.engine.stateSummary() == original.engine.stateSummary())
        #expect(try restored.everythingHeld() == original.everythingHeld())
        #expect(history.play(800, in: original, restored) == [])
        #expect(restored.engine.stateSummary() == original.engine.stateSummary())
        #expect(try restored.everythingHeld() == original.everythingHeld())
    }

    @Test("a copy that nobody reads leaves nothing behind")
    func unreadCopy() throws {
        let world = try TestEngine.lived(seed: 3)
        for _ in 0..<3 { _ = try world.engine.copyState(textModel: Self.model) }
        #expect(try world.copiedState() == world.copiedState())
    }

    @Test("an error of the reader ends the copy and is thrown")
    func failingSink() throws {
        struct Full: Error {}
        let copy = try TestEngine.lived(seed: 4).engine.copyState(textModel: Self.model)
        #expect(throws: Full.self) { try copy.read { _ in throw Full() } }
    }

    // MARK: What is not taken

    @Test("a state of another model, space or format, or into a server in use, is refused by name")
    func refusals() throws {
        let bytes = try TestEngine.lived(seed: 5).copiedState()
        let world = try TestEngine()
        #expect(throws: StateError.otherTextModel(state: Self.model, server: "another")) {
            try world.restore(bytes, model: "another")
        }
        #expect(throws: StateError.otherTasteDimension(state: 20, server: 64)) {
            try TestEngine(tasteDimension: 64).restore(bytes)
        }
        #expect(throws: StateError.otherFormat) {
            try world.restore(Array("cairn state 1\n".utf8) + bytes.dropFirst(14))
        }
        #expect(throws: StateError.damaged("it ends early", offset: 0)) { try world.restore([]) }
        try world.restore(bytes)
        #expect(throws: StateError.notEmpty) { try world.restore(bytes) }
        let visited = try TestEngine()
        try visited.add("a")
        #expect(throws: StateError.notEmpty) { try visited.restore(bytes) }
    }

    @Test("a state that was cut off is refused, and nothing of it is held")
    func truncation() throws {
        let bytes = try TestEngine.lived(seed: 6).copiedState()
        let world = try TestEngine()
        let empty = world.engine.stateSummary()
        let setup = world.engine.setup
        for count in stride(from: 1, to: bytes.count, by: bytes.count / 60) {
            let error = #expect(throws: StateError.self) {
                try world.restore(Array(bytes[..<count]))
            }
            guard case .damaged(_, let offset) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(offset <= UInt64(count))
        }
        #expect(world.engine.stateSummary() == empty)
        #expect(world.engine.setup === setup)
        try world.restore(bytes)
    }

    @Test("flipped bits are refused, or make a state that can be lived in", arguments: 0..<4)
    func flippedBits(seed: Int) throws {
        let original = try TestEngine.lived(seed: 7 + UInt64(seed))
        let bytes = try original.copiedState()
        var random = SeededRandom(seed: UInt64(seed))
        var world = try TestEngine()
        let empty = world.engine.stateSummary()
        var refusals = 0
        for turn in 0..<60 {
            var flipped = bytes
            // The preamble is short and would be hit too seldom.
            let end = turn % 3 == 0 ? min(bytes.count, 2_000) : bytes.count
            let place = Int.random(in: 0..<end, using: &random)
            flipped[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            do {
                try world.restore(flipped)
                _ = try world.everythingHeld()
                world = try TestEngine()
            } catch is StateError {
                refusals += 1
                #expect(world.engine.stateSummary() == empty)
            }
        }
        #expect(refusals > 0)
        try world.restore(bytes)
        #expect(world.engine.stateDigest() == original.engine.stateDigest())
    }

    // MARK: One moment

    /// Signals come to one user and then to the other; ads are replaced as a whole.
    @Test("a copy stands for one moment while everything changes")
    func oneMoment() throws {
        let world = try TestEngine()
        try world.welcome("first")
        try world.welcome("second")
        try world.add("post", kind: "post")
        try Self.replaceAds(world, generation: 1)
        let bustle = Bustle(world.engine)
        let threads = [
            bustle.thread { world, number in
                try world.signal("first", .view, "post", at: number)
                try world.signal("second", .view, "post", at: number)
            },
            bustle.thread { try Self.replaceAds($0, generation: $1 + 1) },
            bustle.thread { world, _ in _ = try world.rank("first", at: 1) },
        ]
        for _ in 0..<12 {
            let restored = try TestEngine(shards: 2)
            try restored.restore(try world.copiedState())
            let times = try ["first", "second"].map { user in
                try restored.export(user)?.signals.last?.at.milliseconds ?? TestEngine.start
            }
            #expect([0, 1].contains(times[0] - times[1]))
            let bids = try (0..<Self.adsCount).map { try restored.item("ad-\($0)")?.bidMicros }
            #expect(Set(bids).count == 1 && bids[0] != nil)
        }
        bustle.end()
        for thread in threads { thread.wait() }
    }

    private static let adsCount = 20

    private static func replaceAds(_ world: TestEngine, generation: Int64) throws {
        try world.engine.beginCatalogue()
        try world.add("post", kind: "post", isStaged: true)
        for number in 0..<adsCount {
            try world.add("ad-\(number)", bid: generation, isStaged: true)
        }
        try world.engine.commitCatalogue()
    }
}

/// Threads that do something in one engine over and over, until it is enough.
private final class Bustle: Sendable {
    private let engine: Engine
    private let isOver = Locked(false)

    init(_ engine: Engine) { self.engine = engine }

    func end() { isOver.withLock { $0 = true } }

    /// Calls `work` with a world of the thread's own, and 1, 2, 3 ...
    func thread(
        _ work: @escaping @Sendable (TestEngine, Int64) throws -> Void
    ) -> DispatchSemaphore {
        let done = DispatchSemaphore(value: 0)
        Thread.detachNewThread { [self] in
            do {
                let world = try TestEngine(sharing: engine)
                var number: Int64 = 0
                repeat {
                    number += 1
                    try work(world, number)
                } while !isOver.withLock { $0 }
            } catch { Issue.record(error) }
            done.signal()
        }
        return done
    }
}

@Suite("The state's digest")
struct StateDigestTests {
    @Test("it does not tell of order, of numbers, or of what came and went")
    func meaningOnly() throws {
        let one = try TestEngine(shards: 1, product: "a")
        let other = try TestEngine(shards: 8, product: "a")
        // Slots and product numbers of the other are taken by what goes again.
        try other.add("gone")
        try other.welcome("gone")
        try other.chat("gone", "cars", at: 1) { $0.product = try Product("first") }
        try other.forget("gone")
        try other.remove("gone")
        for (world, products) in [(one, ["a", "b"]), (other, ["b", "a"])] {
            let items = world.engine === one.engine ? ["x", "y"] : ["y", "x"]
            for item in items { try world.add(item, about: item == "x" ? "hiking" : "cello") }
            for user in items { try world.welcome(user) }
            for product in products {
                try world.set("x", links: ["b", "a"])
                try world.chat("x", "hiking", at: 7) { $0.product = try Product(product) }
            }
            for item in items { try world.signal("y", .impression, item, at: 5) }
            try world.signal("y", .like, "x", at: 5)
            try world.remove("x")
        }
        #expect(one.engine.stateSummary() == other.engine.stateSummary())
        #expect(one.engine.stateDigest().count == 64)
    }

    @Test("it tells of every change", arguments: 0..<10)
    func everyChange(number: Int) throws {
        let changes: [(TestEngine) throws -> Void] = [
            { try $0.add("new") },
            { try $0.add("ad", about: "cello", bid: 2) },
            { try $0.remove("ad") },
            { try $0.engine.beginCatalogue() },
            { try $0.set("ann", language: "en") },
            { try $0.signal("ann", .like, "ad", at: 1) },
            { try $0.signal("ann", .impression, "ad", at: 1) },
            { try $0.suppress("ann", "cars") },
            { world in
                let change = try SurfaceChange(
                    name: try SurfaceName("ads"), settings: [.bias(0.5)])
                try world.engine.set(change)
            },
            { world in
                let table = try PolicyTable(
                    effective: try world.time(1),
                    excludedRegions: PolicyTable.announced.excludedRegions)
                try world.engine.set(table, digest: "later")
            },
        ]
        let world = try TestEngine()
        try world.welcome("ann")
        try world.add("ad", about: "cello")
        let before = world.engine.stateDigest()
        #expect(world.engine.stateDigest() == before)
        try changes[number](world)
        #expect(world.engine.stateDigest() != before)
    }

    @Test("what is retracted or forgotten has never been")
    func undone() throws {
        let world = try TestEngine()
        try world.welcome("ann")
        try world.add("ad", about: "cello")
        let before = world.engine.stateDigest()
        try world.signal("ann", .like, "ad", at: 1, event: "e")
        try world.signal("bob", .view, "ad", at: 1)
        try world.retract("ann", "e")
        try world.forget("bob")
        #expect(world.engine.stateDigest() == before)
    }
}

extension TestEngine {
    /// A world in which much has happened.
    static func lived(seed: UInt64, steps: Int = 600) throws -> TestEngine {
        let world = try TestEngine(product: "a")
        var history = StateHistory(seed: seed)
        _ = history.play(steps, in: world)
        return world
    }

    func copiedState(model: String = StateTests.model) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try engine.copyState(textModel: model).read { piece in
            for index in piece.indices { bytes.append(piece[index]) }
        }
        return bytes
    }

    /// Hands the bytes over in pieces of the size.
    func restore(
        _ bytes: [UInt8], pieces size: Int = 100_000, model: String = StateTests.model
    ) throws {
        let restoration = try engine.restoreState(textModel: model)
        for start in stride(from: 0, to: bytes.count, by: size) {
            try restoration.add(bytes[start..<min(bytes.count, start + size)].span)
        }
        try restoration.finish()
    }
}
