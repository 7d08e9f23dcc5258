import Domain
import Policy
import Testing

@testable import Engine

@Suite("What users may ask for")
struct ControlTests {
    /// Someone who talked about two topics at once and one more later, and likes a third.
    private func talkativeWorld() throws -> TestEngine {
        let world = try TestEngine(product: "app")
        try world.welcome("u")
        for topic in TestEngine.topics {
            try world.add("ad:\(topic)", about: topic)
            try world.add("post:\(topic)", kind: "post", about: topic)
        }
        try world.chat("u", "hiking", "cello", at: 1, event: "e1")
        try world.chat("u", "cars", at: 2, event: "e2")
        try world.signal("u", .like, "ad:cooking", at: 3, event: "e3")
        return world
    }

    private func shares(_ world: TestEngine, of item: String, on surface: String) throws
        -> [String: Int]
    {
        let terms = try world.explain(item, for: "u", on: surface, at: 5).terms
        let chats = terms.first { $0.name == "chat.text" }?.signals ?? []
        return Dictionary(uniqueKeysWithValues: chats.map { ($0.about, $0.weight) })
    }

    // MARK: Suppressing

    @Test("a suppressed topic weighs nothing in ads, and the others keep their weight")
    func suppress() throws {
        let world = try talkativeWorld()
        let before = try shares(world, of: "ad:cello", on: "ads")
        let content = try world.rank("u", on: "feed", at: 5)
        #expect(Set(before.keys) == ["hiking", "cello", "cars"])
        #expect(try world.suppress("u", "hiking"))
        #expect(try !world.suppress("u", "Hiking"))
        var expected = before
        expected["hiking"] = nil
        #expect(try shares(world, of: "ad:cello", on: "ads") == expected)
        #expect(try shares(world, of: "post:hiking", on: "feed").keys.contains("hiking"))
        #expect(try world.rank("u", on: "feed", at: 5) == content)
        #expect(try world.user("u")?.suppressed == ["hiking"])
        #expect(try world.export("u")?.settings.suppressed == ["hiking"])
    }

    @Test("what is suppressed is a comment's topic too, but not a hidden one")
    func otherSignals() throws {
        let world = try TestEngine()
        try world.add("boots", about: "hiking")
        for type in [SignalType.comment, .view, .hide] {
            #expect(try world.take("u", type, .topic("hiking"), reading: nil, at: 1) == nil)
        }
        #expect(
            try world.terms(of: "boots", for: "u", at: 2)
                == ["behaviour.text", "views.text", "negative.text"])
        try world.suppress("u", "hiking")
        #expect(try world.terms(of: "boots", for: "u", at: 2) == ["negative.text"])
    }

    @Test("a request about a suppressed topic is still about it")
    func context() throws {
        let world = try talkativeWorld()
        try world.suppress("u", "hiking")
        #expect(
            try world.terms(of: "ad:hiking", for: "u", at: 5, around: [.topic("hiking")])
                .contains("context.text"))
    }

    @Test("lifting it restores the same bytes, also of whom nothing else is held")
    func unsuppress() throws {
        let world = try talkativeWorld()
        func all() throws -> String {
            let rankings = try ["ads", "feed"].map { try world.rank("u", on: $0, at: 5) }
            let users = try [world.export("u"), world.export("v")]
            return "\(rankings) \(users) \(world.engine.state.usersMemory.allocated)"
        }
        let before = try all()
        for user in ["u", "v"] {
            for topic in ["cello", "hiking", "cars"] { #expect(try world.suppress(user, topic)) }
            #expect(try world.user(user)?.suppressed == ["hiking", "cello", "cars"])
            for topic in ["cars", "cello", "hiking"] { #expect(try world.unsuppress(user, topic)) }
            #expect(try !world.unsuppress(user, "hiking"))
        }
        #expect(try all() == before)
    }

    @Test("an unknown topic is an error that names it, and makes no user")
    func unknownTopic() throws {
        let world = try TestEngine()
        #expect(throws: EngineError.unknownTopic("wormholes")) {
            try world.suppress("u", "wormholes")
        }
        #expect(throws: EngineError.unknownTopic("wormholes")) {
            try world.unsuppress("u", "wormholes")
        }
        #expect(try !world.unsuppress("u", "hiking"))
        #expect(try world.user("u") == nil)
    }

    @Test("a user suppresses only so many topics")
    func tooMany() throws {
        var options = EngineOptions(policyDigest: "test")
        options.topics = (0...Limits.suppressedTopicsMax).map { ("topic \($0)", .zero) }
        let engine = try Engine(options)
        let user = try UserID("u")
        for number in (1...Limits.suppressedTopicsMax).reversed() {
            #expect(try engine.suppress("topic \(number)", for: user))
        }
        #expect(
            throws: EngineError.full(
                what: "suppressed topics of one user", limit: Limits.suppressedTopicsMax)
        ) { try engine.suppress("topic 0", for: user) }
        #expect(try !engine.suppress("topic 7", for: user))
        let held = engine.user(user, ranker: try engine.makeRanker())?.suppressed
        #expect(held == (1...Limits.suppressedTopicsMax).map { "topic \($0)" })
    }

    @Test("chats of the same instant stand by their product's name, whoever named it first")
    func products() throws {
        for first in [["photos", "assistant"], ["assistant", "photos"]] {
            let world = try talkativeWorld()
            for product in first { try world.set("other", links: [product]) }
            try world.set("u", links: ["app", "assistant", "photos"])
            try world.chat("u", "hiking", at: 4) { $0.product = try Product("photos") }
            try world.chat("u", "cello", at: 4) { $0.product = try Product("assistant") }
            let terms = try world.explain("ad:cars", for: "u", at: 4).terms
            let chats = try #require(terms.first { $0.name == "chat.text" }).signals
            #expect(chats.map(\.about).prefix(3) == ["cello", "hiking", "cars"])
        }
    }

    // MARK: Retracting and forgetting

    @Test("a retracted event may come again, and one that is not held cannot be retracted")
    func retractOnce() throws {
        let world = try talkativeWorld()
        #expect(try !world.retract("u", "e9"))
        #expect(try !world.retract("nobody", "e1"))
        #expect(try world.signal("u", .like, "ad:cars", at: 4, event: "e3") == .duplicate)
        #expect(try world.retract("u", "e3"))
        #expect(try !world.retract("u", "e3"))
        #expect(try world.signal("u", .like, "ad:cars", at: 4, event: "e3") == nil)
        // What the gates kept out left nothing to retract.
        #expect(try world.chat("u", "cars", at: 4, event: "e4", sensitive: .health) == .sensitive)
        #expect(try !world.retract("u", "e4"))
    }

    @Test("each of the newest impressions can be retracted")
    func impressions() throws {
        let world = try talkativeWorld()
        for number in 1...5 {
            try world.signal(
                "u", .impression, "ad:cars", at: 10 - Int64(number), event: "i\(number)")
        }
        #expect(try !world.retract("u", "i2"))
        #expect(try world.retract("u", "i4"))
        let impression = try #require(try world.export("u")?.impressions.first)
        #expect(impression.count == 4)
        #expect(impression.last == (try world.time(9)))
        #expect(impression.newest.map(\.at) == [try world.time(7), try world.time(5)])
        #expect(try world.signal("u", .impression, "ad:cars", at: 8, event: "i3") == .duplicate)
    }

    @Test("a user of whom nothing else is held has never been, and items are let go")
    func released() throws {
        let world = try TestEngine()
        let empty = world.engine.state
        try world.add("boots", about: "hiking")
        try world.signal("u", .like, "boots", at: 1, event: "e1")
        try world.signal("u", .impression, "boots", at: 1, event: "e2")
        try world.signal("v", .follow, "boots", at: 1)
        try world.remove("boots")
        #expect(world.engine.state.slots == 1)
        #expect(try world.export("u")?.impressions.map(\.item) == ["boots"])
        #expect(try world.retract("u", "e1"))
        #expect(try world.user("u") != nil)
        #expect(try world.retract("u", "e2"))
        #expect(try world.user("u") == nil)
        #expect(world.engine.state.slots == 1)
        #expect(try world.forget("v"))
        #expect(try !world.forget("v"))
        let state = world.engine.state
        #expect(state.slots == 0 && state.rows == 0 && state.users == 0)
        #expect(state.usersMemory.allocated == empty.usersMemory.allocated)
    }

    @Test("who was set to what nobody has set is still known when the signals are gone")
    func configured() throws {
        let world = try TestEngine()
        try world.add("boots")
        try world.set("u", links: [])
        try world.signal("u", .like, "boots", at: 1, event: "e1")
        try world.retract("u", "e1")
        #expect(try world.user("u") != nil)
        #expect(try world.forget("u"))
        #expect(try world.user("u") == nil)
    }

    // MARK: Exporting

    @Test("everything that is held is exported, in an order that tells nothing else")
    func export() throws {
        let world = try talkativeWorld()
        try world.set("u", links: ["photos", "assistant", "app"], language: "en")
        for product in ["photos", "assistant"] {
            try world.chat("u", "cars", at: 4, event: "from-\(product)") {
                $0.product = try Product(product)
            }
        }
        try world.signal("u", .impression, "ad:hiking", at: 6, event: "i1")
        try world.signal("u", .impression, "ad:cello", at: 7)
        let values = (0..<TestEngine.tasteDimension).map { Float($0) / 127 }
        let vector = try SpaceVector(space: .taste, values: values)
        #expect(try world.take("u", .like, .vector(vector), reading: nil, at: 9) == nil)
        let export = try #require(try world.export("u"))
        #expect(export.settings.links.map(\.text) == ["app", "assistant", "photos"])
        #expect(
            export.signals.map(\.about) == [
                .item("ad:cooking"),
                .vector(.taste, (0..<Int8(TestEngine.tasteDimension)).map { $0 }),
                .topics([.init(name: "hiking", weight: 255), .init(name: "cello", weight: 255)]),
                .topics([.init(name: "cars", weight: 255)]),
                .topics([.init(name: "cars", weight: 255)]),
                .topics([.init(name: "cars", weight: 255)]),
            ])
        #expect(export.signals.map(\.at) == (try [3, 9, 1, 2, 4, 4].map(world.time)))
        #expect(
            export.signals.map { $0.product?.text } == [nil, nil, nil, nil, "assistant", "photos"])
        #expect(export.signals.map { $0.event == 0 } == [false, true, false, false, false, false])
        #expect(export.impressions.map(\.item) == ["ad:cello", "ad:hiking"])
        #expect(export.impressions.map { $0.newest[0].event == 0 } == [true, false])
        #expect(try world.export("nobody") == nil)
    }
}
