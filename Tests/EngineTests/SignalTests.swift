import Domain
import Policy
import Testing

@testable import Engine

@Suite("Signals")
struct SignalTests {
    @Test("an event counts once, also when its item is gone", arguments: SignalType.allCases)
    func idempotent(type: SignalType) throws {
        let world = try TestEngine()
        try world.welcome("u")
        try world.add("boots", about: "hiking")
        func send() throws -> Gate? {
            type == .chat
                ? try world.chat("u", "hiking", at: 1, event: "e")
                : try world.signal("u", type, "boots", at: 1, event: "e")
        }
        #expect(try send() == nil)
        let before = try world.rank("u", at: 1)
        #expect(try send() == .duplicate)
        #expect(try world.rank("u", at: 1) == before)
        try world.remove("boots")
        #expect(try send() == .duplicate)
        let other = try world.chat("v", "hiking", at: 1, event: "e")
        #expect(other == .region, "an event belongs to its user")
    }

    @Test("what is later than the request's clock does not count")
    func future() throws {
        let world = try TestEngine()
        try world.welcome("u")
        try world.add("boots", about: "hiking")
        try world.signal("u", .like, "boots", at: 100)
        try world.signal("u", .follow, "boots", at: 200)
        try world.chat("u", "hiking", at: 300)
        try world.signal("u", .impression, "boots", at: 400)
        let counted: [(Int64, [String])] = [
            (99, []), (100, ["behaviour.text"]), (299, ["behaviour.text"]),
            (300, ["behaviour.text", "chat.text"]),
        ]
        for (clock, terms) in counted {
            #expect(try world.terms(of: "boots", for: "u", at: clock) == terms)
        }
        func value(_ term: String, at clock: Int64) throws -> Double? {
            try world.explain("boots", for: "u", at: clock).terms.first { $0.name == term }?.value
        }
        #expect(try [199, 200].map { try value("follow", at: $0) } == [0, 1])
        #expect(try [399, 400].map { try value("fatigue", at: $0) } == [0, -0.25])
    }

    @Test("a deleted item goes from rankings, and the like of it stays")
    func deletionKeepsLikes() throws {
        let world = try TestEngine()
        try world.add("boots", about: "hiking")
        try world.add("socks", about: "hiking")
        try world.signal("u", .like, "boots", at: 1)
        let before = try world.rank("u", at: 2).filter { $0.id == "socks" }
        try world.remove("boots")
        #expect(try world.rank("u", at: 2) == before)
        let signals = try world.explain("socks", for: "u", at: 2).terms.flatMap(\.signals)
        #expect(signals.map(\.about) == ["boots"])
        #expect(try world.item("boots") == nil)
        #expect(throws: EngineError.unknownItem("boots")) {
            try world.signal("u", .like, "boots", at: 3)
        }
    }

    @Test("an update of an item changes what an old like means")
    func updateChangesLikes() throws {
        let world = try TestEngine()
        try world.add("mystery", about: "hiking")
        for topic in ["hiking", "cello"] { try world.add(topic, about: topic) }
        try world.signal("u", .like, "mystery", at: 1)
        #expect(try world.rank("u", at: 2, .items(["hiking", "cello"])).first?.id == "hiking")
        try world.add("mystery", about: "cello")
        #expect(try world.rank("u", at: 2, .items(["hiking", "cello"])).first?.id == "cello")
    }

    @Test("likes of flagged items serve no advertisement, and no flagged one is served by likes")
    func flaggedItems() throws {
        let world = try TestEngine()
        try world.add("plain", about: "hiking")
        try world.add("flagged", about: "hiking", sensitive: .health)
        let neutral = try world.rank("nobody", at: 2)
        for type in [SignalType.like, .follow, .view, .hide] {
            try world.signal("u", type, "flagged", at: 1)
        }
        #expect(try world.rank("u", at: 2) == neutral)
        try world.signal("u", .like, "plain", at: 1)
        let served = try world.rank("u", at: 2)
        #expect(served.first { $0.id == "flagged" } == neutral.first { $0.id == "flagged" })
        #expect(served.first?.id == "plain")
    }

    @Test("a full ring lets go of its oldest, its reserve of that and of the item it named")
    func eviction() throws {
        let world = try TestEngine()
        try world.add("old", about: "cello")
        try world.add("new", about: "hiking")
        try world.signal("u", .hide, "old", at: 1)
        try world.remove("old")
        #expect(world.engine.state.slots == 2, "the like still names it")
        for number in 0..<Int64(Limits.negativeRingMax) {
            try world.signal("u", .hide, "new", at: 2 + number)
        }
        #expect(world.engine.state.slots == 2, "the reserve still names it")
        #expect(try world.export("u")?.reserve.map(\.about) == [.item("old")])
        for number in 1..<Int64(Limits.negativeReserveMax) {
            try world.signal("u", .hide, "new", at: 100 + number)
        }
        #expect(world.engine.state.slots == 2)
        try world.signal("u", .hide, "new", at: 200)
        #expect(world.engine.state.slots == 1)
        #expect(try world.user("u")?.signals.map(\.count) == [0, 0, Limits.negativeRingMax, 0])
        try world.signal("u", .hide, "new", at: 0)
        #expect(try world.user("u")?.signals.map(\.count) == [0, 0, Limits.negativeRingMax, 0])
        try world.remove("new")
        #expect(world.engine.state.slots == 1, "96 hides name it")
    }

    @Test("what is about flagged items displaces nothing else, and is no ad's business")
    func flaggedApart() throws {
        let world = try TestEngine { surfaces in
            surfaces[1].kinds.append(try Kind("ad"))
        }
        try world.add("boots", about: "hiking")
        try world.add("clinic", about: "hiking", sensitive: .health)
        try world.signal("u", .like, "boots", at: 1)
        let served = try world.explain("boots", for: "u", at: 2_000)
        for number in 0..<Int64(Limits.behaviourRingMax) {
            try world.signal("u", .like, "clinic", at: 2 + number)
        }
        #expect(try world.explain("boots", for: "u", at: 2_000) == served)
        let feed = try world.explain("boots", for: "u", on: "feed", at: 2_000).terms
        let likes = feed.first { $0.name == "behaviour.text" }?.signals.map(\.about)
        #expect(likes?.contains("clinic") == true)
        #expect(
            try world.user("u")?.signals.map(\.count) == [
                1 + Limits.flaggedBehaviourRingMax, 0, 0, 0,
            ])
        // As it was when the like came: what is flagged no more serves no ad for it.
        try world.add("clinic", about: "hiking")
        let later = try world.explain("boots", for: "u", at: 2_000)
        #expect(later.terms.flatMap(\.signals).map(\.about) == ["boots"])
    }

    @Test("classes do not displace each other")
    func classesApart() throws {
        let world = try TestEngine(product: "other")
        try world.welcome("u")
        try world.add("boots", about: "hiking")
        try world.signal("u", .like, "boots", at: 1)
        try world.chat("u", "cello", at: 1)
        for number in 0..<Int64(200) {
            try world.signal("u", .view, "boots", at: 2 + number)
            try world.chat("u", "cars", at: 2 + number) { $0.product = try Product("other") }
        }
        let counts = try #require(try world.user("u")).signals.map(\.count)
        #expect(counts == [1, Limits.viewRingMax, 0, 1 + Limits.chatRingMax])
    }

    @Test("a vector is weighed in its own space, and taste as a signal where an item has it so")
    func vectors() throws {
        let world = try TestEngine()
        let dimension = TestEngine.tasteDimension
        func unit(_ index: Int) throws -> SpaceVector {
            var values = [Float](repeating: 0, count: dimension)
            values[index] = 1
            return try SpaceVector(space: .taste, values: values)
        }
        try world.add("one-sided") { $0.vectors = [try unit(0)] }
        try world.add("two-sided") { draft in
            draft.vectors = [try unit(1)]
            draft.signalVector = try unit(2)
        }
        try world.add("meant") { $0.vectors = [try unit(2)] }
        func value(_ item: String, for user: String) throws -> Double? {
            let terms = try world.explain(item, for: user, at: 1).terms
            return terms.first { $0.name == "behaviour.taste" }?.value
        }
        try world.signal("a", .like, "one-sided", at: 1)
        try world.signal("b", .like, "two-sided", at: 1)
        _ = try world.take("c", .like, .vector(try unit(1)), reading: nil, at: 1)
        #expect(abs(try #require(try value("one-sided", for: "a")) - 1) < 0.001)
        #expect(try value("two-sided", for: "b") == 0)
        #expect(abs(try #require(try value("meant", for: "b")) - 1) < 0.001)
        #expect(abs(try #require(try value("two-sided", for: "c")) - 1) < 0.001)
        #expect(try world.terms(of: "meant", for: "c", at: 1) == ["behaviour.taste"])
    }
}
