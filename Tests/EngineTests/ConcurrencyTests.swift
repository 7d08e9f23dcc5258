import Dispatch
import Domain
import Foundation
import Testing

@testable import Engine

/// Writers and rankers at once. Items tell in their bids what they are, so that a ranking that mixes
/// catalogues, or shows one item's row as another's, gives itself away. Also run under
/// ThreadSanitizer and AddressSanitizer.
@Suite("Many at once")
struct ConcurrencyTests {
    static let catalogueItems = 64
    static let comers = 200
    static let rounds = 300

    /// What the threads share. Kind `ad` is replaced as a whole, generation by generation; items of
    /// kind `post` come and go one by one, each with a bid that is its number.
    private final class World: Sendable {
        let engine: Engine
        let isDone = Locked(false)
        let failures = Locked<[String]>([])

        init() throws {
            engine = try TestEngine { surfaces in
                surfaces[1].lane = .ads
                for index in surfaces.indices {
                    for term in Term.allCases where term.affinity == nil {
                        surfaces[index].weights[term] = 0
                    }
                }
            }.engine
        }

        func fail(_ reason: String) { failures.withLock { $0.append(reason) } }
        var isOver: Bool { isDone.withLock { $0 } }
    }

    @Test("rankings come from one whole catalogue while everything changes")
    func everythingAtOnce() throws {
        let world = try World()
        try Self.replaceCatalogue(world.engine, generation: 1, isFirst: true)
        let readers = (0..<2).map { number in
            Self.thread(world) { try Self.rank($0, number) }
        }
        let sender = Self.thread(world, Self.sendSignals)
        let changer = Self.thread(world) { world in
            defer { world.isDone.withLock { $0 = true } }
            try Self.changeItems(world)
        }
        for done in readers + [sender, changer] { done.wait() }
        #expect(world.failures.withLock { $0 } == [])
        world.engine.reclaim()
        #expect(world.engine.state.retired == 0)
    }

    /// Threads, because tasks would wait for each other on a machine of few cores.
    private static func thread(
        _ world: World, _ work: @escaping @Sendable (World) throws -> Void
    ) -> DispatchSemaphore {
        let done = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            do { try work(world) } catch {
                world.fail("\(error)")
                world.isDone.withLock { $0 = true }
            }
            done.signal()
        }
        return done
    }

    // MARK: Writers

    /// Replaces the ads by a new generation; the comers, of another kind, go with the old.
    private static func replaceCatalogue(_ engine: Engine, generation: Int64, isFirst: Bool) throws
    {
        if !isFirst { try engine.beginCatalogue() }
        for number in 0..<catalogueItems {
            var draft = ItemDraft(id: try ItemID("ad-\(number)"), kind: try Kind("ad"))
            draft.bidMicros = generation
            try engine.add(draft, textRow: nil, sensitive: nil, isStaged: !isFirst)
        }
        if !isFirst { try engine.commitCatalogue() }
    }

    private static func changeItems(_ world: World) throws {
        var random = SeededRandom(seed: 1)
        for round in 0..<rounds {
            for _ in 0..<100 {
                let number = Int.random(in: 1...comers, using: &random)
                let id = try ItemID("post-\(number)")
                if Bool.random(using: &random) {
                    var draft = ItemDraft(id: id, kind: try Kind("post"))
                    draft.bidMicros = Int64(number)
                    let row = TestEngine.row(ofTopic: number % 4)
                    try world.engine.add(draft, textRow: row, sensitive: nil, isStaged: false)
                } else {
                    _ = try world.engine.remove([id], isStaged: false)
                }
            }
            if round % 6 == 5 {
                let generation = Int64(round / 6 + 2)
                try replaceCatalogue(world.engine, generation: generation, isFirst: false)
            }
        }
    }

    private static func sendSignals(_ world: World) throws {
        var random = SeededRandom(seed: 2)
        let start = try Timestamp(milliseconds: TestEngine.start)
        while !world.isOver {
            // The others are named by nobody, so that their slots are freed and used again.
            let number = Int.random(in: 1...comers / 2, using: &random)
            let user = try UserID("u\(Int.random(in: 0..<4, using: &random))")
            let types: [SignalType] = [.hide, .impression, .like, .view]
            let type = types[Int.random(in: 0..<4, using: &random)]
            var draft = SignalDraft(
                user: user, type: type, about: .item(try ItemID("post-\(number)")))
            draft.event = try EventID("e\(Int.random(in: 0..<500, using: &random))")
            switch Int.random(in: 0..<256, using: &random) {
            case 0: _ = try world.engine.forget(user)
            case 1..<64: _ = try draft.event.map { try world.engine.retract($0, of: user) }
            default: break
            }
            do throws(EngineError) {
                _ = try world.engine.take(draft, reading: nil, now: start)
            } catch {
                guard case .unknownItem = error else { throw error }
            }
        }
    }

    // MARK: Readers

    private static func rank(_ world: World, _ number: Int) throws {
        let ranker = try world.engine.makeRanker()
        let users = try (0..<4).map { try UserID("u\($0)") }
        let ads = try #require(world.engine.setup.surface(named: try SurfaceName("ads")))
        let feed = try #require(world.engine.setup.surface(named: try SurfaceName("feed")))
        let clock = try Timestamp(milliseconds: TestEngine.start + 1)
        var generation = 0.0
        var turn = number
        repeat {
            turn += 1
            let request = BuiltRequest(user: "u\(turn % 4)", clock: clock, region: nil)
            let scores = try scores(world.engine, request, ads, ranker).map(\.score)
            if Set(scores).count != 1 || scores.count != catalogueItems {
                world.fail("a ranking of \(scores.count) items mixes \(Set(scores).sorted())")
            } else if scores[0] < generation {
                world.fail("generation \(scores[0]) came after \(generation)")
            }
            generation = scores.first ?? 0
            let export = world.engine.export(users[turn % 4], ranker: ranker)
            let names = export?.signals.map(\.about) ?? []
            for case .item(let name) in names where !name.hasPrefix("post-") {
                world.fail("a signal about another's item: \(name)")
            }
            for given in [Given.all, .items((1...comers).map { "post-\($0)" })] {
                var request = request
                request.choose(given)
                let isExplained = turn.isMultiple(of: 8)
                try checkComers(
                    world, request, on: feed, ranker: ranker, isExplained: isExplained)
            }
        } while !world.isOver
    }

    /// Without signals p is 1/2, and likes only raise it: every score is between half the bid and it.
    private static func checkComers(
        _ world: World, _ request: BuiltRequest, on surface: ResolvedSurface, ranker: Ranker,
        isExplained: Bool
    ) throws {
        let ranked = try scores(world.engine, request, surface, ranker)
        if Set(ranked.map(\.id)).count != ranked.count { world.fail("an item twice") }
        for place in ranked {
            guard place.id.hasPrefix("post-"), let bid = Double(place.id.dropFirst(5)) else {
                world.fail("an item of another kind: \(place.id)")
                continue
            }
            if place.score > bid || place.score <= 0 { world.fail("\(place) shows another's row") }
            guard isExplained else { continue }
            let report = try? world.engine.explain(
                Array(place.id.utf8).span, request.request, on: surface,
                setup: world.engine.setup, bytes: request.bytes.span, ranker: ranker)
            if let report, report.bidMicros != Int64(bid) { world.fail("\(place.id): \(report)") }
        }
    }

    private static func scores(
        _ engine: Engine, _ built: BuiltRequest, _ surface: ResolvedSurface, _ ranker: Ranker
    ) throws -> [Ranked] {
        var ranked: [Ranked] = []
        try engine.rank(
            built.request, on: surface, setup: engine.setup, candidates: built.candidates,
            top: 1_000,
            bytes: built.bytes.span, ranges: built.ranges.span, ranker: ranker
        ) { results in
            results.forEach { id, score in
                ranked.append(Ranked(id: String(repairing: id), score: score))
            }
        }
        return ranked
    }
}
