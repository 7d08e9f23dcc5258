import Domain
import Testing

@testable import Engine

@Suite("Explanations")
struct ExplainTests {
    /// Someone who did and said a bit of everything.
    private func busyWorld() throws -> TestEngine {
        let world = try TestEngine { surfaces in
            for index in surfaces.indices { surfaces[index].bias = -0.1 }
        }
        try world.welcome("u")
        for (number, topic) in TestEngine.topics.enumerated() {
            var values = [Float](repeating: 0.1, count: TestEngine.tasteDimension)
            values[number] = -0.7
            let taste = try SpaceVector(space: .taste, values: values)
            for kind in ["ad", "post"] {
                try world.add("\(kind):\(topic)", kind: kind, about: topic) { draft in
                    draft.vectors = [taste]
                    draft.prior = number == 2 ? nil : 0.1 * Double(number + 1)
                    draft.created = number == 1 ? nil : try world.time(0)
                    draft.author = try AuthorID("author-of-\(topic)")
                }
            }
            let at = Int64(number) * 86_400_000
            for type in [SignalType.like, .follow, .click, .view, .hide, .impression] {
                try world.signal("u", type, "ad:\(topic)", at: at)
            }
            try world.chat("u", topic, "hiking", at: at)
        }
        _ = try world.take(
            "u", .like,
            .vector(try SpaceVector(space: .taste, values: [Float](repeating: 0.3, count: 20))),
            reading: nil, at: 5)
        return world
    }

    @Test("terms add up to the logit, shares to their term, and both to the ranked score")
    func sums() throws {
        let world = try busyWorld()
        let around: [Surrounding] = [.topic("cello"), .item("ad:cars"), .item("post:hiking")]
        for (surface, kind) in [("ads", "ad"), ("feed", "post")] {
            for day: Int64 in [0, 1, 40, 4_000] {
                let clock = day * 86_400_000
                let ranked = try world.rank("u", on: surface, at: clock, around: around)
                #expect(ranked.count == 4)
                for place in ranked {
                    let report = try world.explain(
                        place.id, for: "u", on: surface, at: clock, around: around)
                    let sum = report.terms.reduce(0) { $0 + $1.value }
                    #expect(sum.bitPattern == report.logit.bitPattern)
                    #expect(report.score.bitPattern == place.score.bitPattern)
                    #expect(report.filter == nil && place.id.hasPrefix(kind))
                    for term in report.terms where !term.signals.isEmpty {
                        let shares = term.signals.reduce(0) { $0 + $1.share }
                        #expect(Double(shares) * (try #require(term.scale)) == term.value)
                    }
                }
            }
        }
    }

    @Test("a signal is named by its type, what it is about, and its age")
    func names() throws {
        let world = try busyWorld()
        let terms = try world.explain(
            "ad:cars", for: "u", at: 3 * 86_400_000 + 2_000, around: [.topic("cars")]
        ).terms
        func signals(_ name: String) -> [Engine.TermReport.SignalReport] {
            terms.first { $0.name == name }?.signals ?? []
        }
        let chat = try #require(signals("chat.text").first)
        #expect(chat.type == "CHAT" && chat.about == "cars" && chat.ageSeconds == 2)
        #expect(
            signals("chat.text").map(\.about).prefix(4) == ["cars", "hiking", "cooking", "hiking"])
        let like = try #require(signals("behaviour.text").first)
        #expect(like.type == "CLICK" && like.about == "ad:cars" && like.ageSeconds == 2)
        #expect(signals("behaviour.taste").last { $0.about == "vector" }?.type == "LIKE")
        #expect(signals("negative.text").allSatisfy { $0.type == "HIDE" })
        let context = try #require(signals("context.text").first)
        #expect(context.type == "CONTEXT" && context.about == "context 1")
        #expect(context.ageSeconds == nil && context.share > 0)
    }

    @Test("a topic keeps its name when one before it weighs nothing")
    func zeroTopic() throws {
        let world = try TestEngine()
        try world.welcome("u")
        try world.add("boots", about: "hiking")
        let reading = MessageReading(
            language: .known, sensitive: nil,
            topics: [world.weight(of: "cars", 0), world.weight(of: "hiking", 7)])
        #expect(try world.take("u", .chat, .text("..."), reading: reading, at: 1) == nil)
        let signals = try world.explain("boots", for: "u", at: 1).terms.flatMap(\.signals)
        #expect(signals.map(\.about) == ["hiking"])
    }

    @Test("there is nothing to explain of an item that is not there")
    func unknownItem() throws {
        let world = try TestEngine()
        try world.add("boots")
        try world.signal("u", .like, "boots", at: 0)
        try world.remove("boots")
        for id in ["boots", "socks"] {
            #expect(throws: EngineError.unknownItem(id)) {
                try world.explain(id, for: "u", at: 1)
            }
            let standing = try world.standing(of: id, for: "u", at: 1)
            #expect(standing.score.filter == .unknown && standing.rank == nil)
            #expect(standing.score.terms.isEmpty)
        }
    }

    @Test("why an item is not shown")
    func standing() throws {
        let world = try TestEngine { $0[0].floor = 1_000 }
        try world.add("best", bid: 30_000)
        try world.add("good", bid: 20_000)
        try world.add("cheap", bid: 10)
        try world.add("post", kind: "post")
        try world.add("early") { $0.created = try world.time(2) }
        try world.add("late") { $0.expires = try world.time(1) }
        try world.add("there") { $0.regions = [try Region("FR")] }
        try world.add("french") { $0.languages = [try Language("fr")] }
        try world.set("u", region: "US", language: "en")
        let filters: [(String, CandidateFilter?, Int?)] = [
            ("best", nil, 1), ("good", nil, 2), ("cheap", .floor, nil), ("post", .kind, nil),
            ("early", .created, nil), ("late", .expired, nil), ("there", .region, nil),
            ("french", .language, nil), ("none", .unknown, nil),
        ]
        for (id, filter, rank) in filters {
            let standing = try world.standing(of: id, for: "u", at: 1)
            #expect(standing.score.filter == filter && standing.rank == rank)
            #expect(standing.candidates == 3 && standing.lastShownScore == 10_000)
        }
    }
}
