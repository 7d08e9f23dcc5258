import Domain
import Testing

@testable import Engine

@Suite("Memory of a request")
struct AllocationTests {
    #if DEBUG
        /// Enough to tell "none" from "one each"; unoptimised requests are slow.
        static let requests = 50
    #else
        static let requests = 1_000
    #endif

    /// Someone with all sorts of signals among 300 items, and a surface that weighs every term.
    private func busyWorld() throws -> TestEngine {
        let world = try TestEngine(product: "other")
        try world.welcome("u")
        for number in 0..<300 {
            try world.add("\(number)", about: TestEngine.topics[number % 4]) { draft in
                draft.vectors = [
                    try SpaceVector(
                        space: .taste,
                        values: (0..<TestEngine.tasteDimension).map { Float($0 + 1) / 32 })
                ]
                draft.author = try AuthorID("author-\(number % 7)")
            }
        }
        for second in 0..<60 {
            let at = Int64(second) * 1_000
            for type in [SignalType.like, .follow, .view, .hide, .impression] {
                try world.signal("u", type, "\(second * 3)", at: at)
            }
            try world.chat("u", TestEngine.topics[second % 4], "hiking", at: at) {
                $0.product = second.isMultiple(of: 2) ? nil : try Product("other")
            }
        }
        return world
    }

    /// Bytes that the thread allocated while it ranked many times; 0 always without jemalloc.
    private func allocated(_ world: TestEngine, _ built: BuiltRequest) throws -> UInt64 {
        let surface = try world.surface("ads")
        let setup = world.engine.setup
        var sum = 0.0
        var resolved = 0
        func rankOften(_ times: Int) throws {
            for _ in 0..<times {
                try world.engine.rank(
                    built.request, on: surface, setup: setup, candidates: built.candidates,
                    top: 50, bytes: built.bytes.span, ranges: built.ranges.span,
                    ranker: world.ranker, whenResolved: { resolved += 1 }
                ) { results in
                    results.forEach { _, score in sum += score }
                }
            }
        }
        try rankOften(10)
        let before = Memory.allocatedByThread
        try rankOften(Self.requests)
        let after = Memory.allocatedByThread
        #expect(sum > 0)
        #expect(resolved == 10 + Self.requests)
        return after - before
    }

    @Test(
        "a warm request allocates nothing",
        arguments: ["all", "packed", "items", "contexts", "nobody"])
    func nothing(kind: String) throws {
        let world = try busyWorld()
        let clock: Int64 = 60_000
        let built =
            switch kind {
            case "packed": try world.request("u", at: clock, .packed(Array(0..<400)))
            case "items":
                try world.request("u", at: clock, .items((0..<400).map { "\($0)" }))
            case "contexts":
                try world.request(
                    "u", at: clock, region: "CA",
                    around: [
                        .topic("cello"), .item("17"), .row(TestEngine.row(of: "cars")),
                        .vector(.text, Array(repeating: 0.1, count: 128)),
                    ])
            case "nobody": try world.request("nobody", at: clock)
            default: try world.request("u", at: clock)
            }
        #expect(try allocated(world, built) == 0)
    }
}
