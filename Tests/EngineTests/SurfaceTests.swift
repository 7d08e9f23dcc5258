import Domain
import Policy
import Testing

@testable import Engine

/// A request of a user whose chat about hiking and like of boots are held, and which of the two
/// count.
struct RequestCase: CustomTestStringConvertible, Sendable {
    let name: String
    var region: String?
    var movedTo: String?
    var links: [String]?
    var notice: Int64?
    var surfaceProduct: String?
    let chatCounts: Bool
    var testDescription: String { name }
}

@Suite("Surfaces and requests")
struct SurfaceTests {
    static let requests = [
        RequestCase(name: "as the chat was taken", chatCounts: true),
        RequestCase(name: "the user moved to Korea", movedTo: "KR", chatCounts: false),
        RequestCase(name: "the user moved to Canada", movedTo: "CA", chatCounts: true),
        RequestCase(name: "the user is nobody knows where", movedTo: "unknown", chatCounts: false),
        RequestCase(name: "the request comes from Korea", region: "KR", chatCounts: false),
        RequestCase(name: "the request comes from nowhere", region: "unknown", chatCounts: false),
        RequestCase(name: "the request comes from Canada", region: "CA", chatCounts: true),
        RequestCase(
            name: "a request from Canada does not free a user in Korea", region: "CA",
            movedTo: "KR", chatCounts: false),
        RequestCase(name: "a later notice masks what came before", notice: 11, chatCounts: false),
        RequestCase(name: "a notice with the chat does not", notice: 10, chatCounts: true),
        RequestCase(
            name: "another product's surface", surfaceProduct: "social", chatCounts: false),
        RequestCase(
            name: "another product's surface, linked", links: ["glasses", "social"],
            surfaceProduct: "social", chatCounts: true),
        RequestCase(
            name: "another product's surface, the link cut", links: [], surfaceProduct: "social",
            chatCounts: false),
        RequestCase(
            name: "the product's own surface", surfaceProduct: "glasses", chatCounts: true),
    ]

    @Test("the policy masks what is held, at each request", arguments: requests)
    func mask(request: RequestCase) throws {
        let world = try TestEngine(product: "glasses")
        try world.welcome("u")
        try world.add("boots", about: "hiking")
        try world.add("walk", kind: "post", about: "hiking")
        #expect(
            try world.chat("u", "hiking", at: 10) { $0.product = try Product("glasses") } == nil)
        try world.signal("u", .like, "boots", at: 10)
        try world.set(
            "u", region: request.movedTo, notice: request.notice, links: request.links, at: 20)
        for (surface, item) in [("ads", "boots"), ("feed", "walk")] {
            if let product = request.surfaceProduct {
                let change = try SurfaceChange(
                    name: try SurfaceName(surface), settings: [.product(try Product(product))])
                try world.engine.set(change)
            }
            let terms = try world.terms(
                of: item, for: "u", on: surface, at: 30, region: request.region)
            #expect(terms.contains("chat.text") == request.chatCounts)
            #expect(terms.contains("behaviour.text"), "behaviour is not chat")
        }
    }

    @Test("a chat of the time before a move is masked after it, and back again")
    func moves() throws {
        let world = try TestEngine()
        try world.welcome("u")
        try world.add("boots", about: "hiking")
        try world.chat("u", "hiking", at: 10)
        let before = try world.rank("u", at: 15)
        try world.set("u", region: "KR", at: 20)
        try world.set("u", region: "US", at: 30)
        let never = try TestEngine()
        try never.add("boots", about: "hiking")
        #expect(try world.rank("u", at: 19) != never.rank("u", at: 19))
        #expect(try world.rank("u", at: 20) == never.rank("u", at: 20))
        #expect(try world.rank("u", at: 29) == never.rank("u", at: 29))
        #expect(try world.rank("u", at: 30) != never.rank("u", at: 30))
        #expect(try world.rank("u", at: 15) == before)
    }

    @Test("a term of weight 0 is left out", arguments: Term.allCases)
    func weightZero(term: Term) throws {
        let world = try TestEngine { surfaces in
            for index in surfaces.indices { surfaces[index].weights[term] = 0 }
        }
        try world.welcome("u")
        let taste = try SpaceVector(
            space: .taste, values: Array(repeating: 0.5, count: TestEngine.tasteDimension))
        try world.add("boots", about: "hiking") { draft in
            draft.vectors = [taste]
            draft.prior = 0.3
            draft.created = try world.time(0)
        }
        for type in [SignalType.follow, .view, .hide, .impression] {
            try world.signal("u", type, "boots", at: 1)
        }
        try world.chat("u", "hiking", at: 1)
        let around = [Surrounding.item("boots"), .topic("cars")]
        let report = try world.explain("boots", for: "u", at: 2, around: around)
        let expected = ["bias"] + Term.allCases.filter { $0 != term }.map(\.rawValue)
        #expect(report.terms.map(\.name) == expected)
    }

    @Test("a surface without taste ranks by the rest")
    func noTaste() throws {
        let world = try TestEngine(tasteDimension: 0)
        try world.add("boots", about: "hiking")
        try world.signal("u", .like, "boots", at: 1)
        #expect(try world.terms(of: "boots", for: "u", at: 1) == ["behaviour.text"])
    }

    @Test("only the newest signals of a class are weighed")
    func counts() throws {
        let world = try TestEngine(product: "even") { surfaces in
            surfaces[0].signalCounts[.behaviour] = 2
            surfaces[0].signalCounts[.chat] = 3
            surfaces[0].signalCounts[.context] = 1
        }
        try world.welcome("u")
        try world.set("u", links: ["even", "odd"])
        for topic in TestEngine.topics { try world.add(topic, about: topic) }
        for (second, topic) in TestEngine.topics.enumerated() {
            try world.signal("u", .like, topic, at: Int64(second) * 1_000)
            try world.chat("u", topic, at: Int64(second) * 1_000) {
                $0.product = try Product(second.isMultiple(of: 2) ? "even" : "odd")
            }
        }
        let report = try world.explain(
            "cars", for: "u", at: 2_500, around: [.topic("cars"), .topic("cello")])
        let signals = report.terms.map { term in term.signals.map(\.about) }
        #expect(
            signals.filter { !$0.isEmpty } == [
                ["cooking", "cello"], ["cooking", "cello", "hiking"], ["context 1"],
            ])
    }

    @Test("a context is a row, a topic, an item or a vector, and weighs on every lane")
    func contexts() throws {
        let world = try TestEngine()
        try world.add("boots", about: "hiking")
        try world.add("bow", about: "cello")
        var values = [Float](repeating: 0, count: 128)
        values[0] = 0.001
        let contexts: [Surrounding] = [
            .row(TestEngine.row(of: "hiking")), .topic("hiking"), .item("boots"),
            .vector(.text, values),
        ]
        var scores: Set<Double> = []
        for context in contexts {
            let ranked = try world.rank("u", at: 1, around: [context])
            #expect(ranked.map(\.id) == ["boots", "bow"])
            scores.insert(try #require(ranked.first).score)
        }
        #expect(scores.count == 1, "a direction is a direction, however it is given")
        let neutral = try world.rank("u", at: 1)
        #expect(try world.rank("u", at: 1, around: [.item("no such item")]) == neutral)
    }

    @Test("a deleted item as a context weighs nothing, whoever liked it")
    func deletedContext() throws {
        let world = try TestEngine()
        try world.add("boots", about: "hiking")
        try world.add("socks", about: "hiking")
        try world.signal("somebody", .like, "boots", at: 1)
        try world.remove("boots")
        #expect(
            try world.rank("u", at: 2, around: [.item("boots")]) == world.rank("u", at: 2))
    }

    @Test("candidates are all of the kind, or those that are named")
    func candidates() throws {
        let world = try TestEngine()
        for id in ["7", "8", "x"] { try world.add(id, bid: Int64(id) ?? 1) }
        try world.add("9", kind: "post")
        #expect(try world.rank("u", at: 1).map(\.id) == ["8", "7", "x"])
        #expect(try world.rank("u", at: 1, top: 1).map(\.id) == ["8"])
        let named: Given = .items(["x", "7", "none", "9", "7"])
        #expect(try world.rank("u", at: 1, named).map(\.id) == ["7", "x"])
        #expect(try world.rank("u", at: 1, .packed([9, 8, 10, 7, 8])).map(\.id) == ["8", "7"])
        #expect(try world.rank("u", on: "feed", at: 1).map(\.id) == ["9"])
    }
}
