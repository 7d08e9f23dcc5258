import Domain
import Testing

@testable import Engine

/// Changes of a user's region, and where the user is taken to be at some instants.
struct RegionCase: CustomTestStringConvertible, Sendable {
    let name: String
    let changes: [(region: String, at: Int64)]
    let expected: [(at: Int64, region: String)]
    var testDescription: String { name }

    init(
        _ name: String, _ changes: [(region: String, at: Int64)],
        _ expected: [(at: Int64, region: String)]
    ) {
        (self.name, self.changes, self.expected) = (name, changes, expected)
    }

    static let all = [
        RegionCase("nothing said", [], [(0, "unknown")]),
        RegionCase(
            "the first known region holds backwards", [("US", 100)],
            [(0, "US"), (100, "US"), (101, "US")]),
        RegionCase(
            "a later one holds from its instant", [("US", 100), ("KR", 200)],
            [(0, "US"), (199, "US"), (200, "KR"), (201, "KR")]),
        RegionCase(
            "an earlier one comes first", [("US", 200), ("KR", 100)],
            [(0, "KR"), (199, "KR"), (200, "US")]),
        RegionCase(
            "one in between", [("US", 100), ("FR", 300), ("KR", 200)],
            [(199, "US"), (200, "KR"), (299, "KR"), (300, "FR")]),
        RegionCase(
            "the same instant again", [("US", 100), ("KR", 100)], [(0, "KR"), (100, "KR")]),
        RegionCase(
            "the same region again holds from its instant, whatever comes late",
            [("KR", 100), ("KR", 300), ("US", 200)],
            [(100, "KR"), (200, "US"), (299, "US"), (300, "KR")]),
        RegionCase(
            "the same region often fills no history", [("KR", 0)] + (1..<40).map { ("US", $0) },
            [(0, "KR"), (1, "US"), (39, "US")]),
        RegionCase(
            "unknown from some instant on", [("US", 100), ("unknown", 200)],
            [(199, "US"), (200, "unknown")]),
        RegionCase(
            "too many changes: what lay first is unknown",
            (0..<9).map { ($0.isMultiple(of: 2) ? "US" : "CA", Int64($0) * 100) },
            [(0, "unknown"), (199, "unknown"), (200, "US"), (300, "CA"), (800, "US")]),
        RegionCase(
            "far too many changes: the newest seven are known",
            (0..<40).map { ($0.isMultiple(of: 2) ? "US" : "CA", Int64($0) * 100) },
            [(3_299, "unknown"), (3_300, "CA"), (3_400, "US"), (3_900, "CA"), (9_999, "CA")]),
    ]
}

@Suite("Users")
struct UserTests {
    @Test("a user is where the history of regions says", arguments: RegionCase.all)
    func region(history: RegionCase) throws {
        let world = try TestEngine()
        for change in history.changes { try world.set("u", region: change.region, at: change.at) }
        var settings = UserShard.Settings()
        for change in history.changes {
            settings.move(to: try Region(change.region), from: try world.time(change.at))
        }
        let bytes = Array("u".utf8)
        for (at, region) in history.expected {
            let time = try world.time(at)
            #expect(settings.region(at: time) == (try Region(region)))
            let key = UserKey(try UserID("u"))
            let asRanked = world.engine.withShard(of: key.hash) { shard in
                world.ranker.copyProfile(of: shard, hash: key.hash, id: bytes.span)
                return world.ranker.region(at: time)
            }
            #expect(asRanked == (try Region(region)))
        }
        #expect((try world.user("u")?.regions.count ?? 0) <= Limits.regionHistoryMax)
    }

    @Test("settings come back as they were set, and stay when another one is")
    func settings() throws {
        let world = try TestEngine()
        #expect(try world.user("u") == nil)
        try world.set("u", notice: 5)
        try world.set("u", links: ["b", "a"], language: "en-GB")
        try world.set("u", region: "us", now: 7)
        let user = try #require(try world.user("u"))
        #expect(user.notice == (try world.time(5)))
        #expect(user.links == [try Product("a"), try Product("b")])
        #expect(user.language == (try Language("en")))
        #expect(user.regions.map(\.region) == [try Region("US")])
        #expect(user.regions.map(\.from) == [try world.time(7)])
        try world.set("u", links: [])
        #expect(try world.user("u")?.links == [])
        #expect(try world.user("v") == nil)
    }

    @Test("there are at most as many products as bits, and the rest is refused")
    func products() throws {
        let world = try TestEngine()
        for number in 1..<Limits.productsMax { try world.set("u", links: ["p\(number)"]) }
        #expect(throws: EngineError.full(what: "products", limit: Limits.productsMax - 1)) {
            try world.set("u", links: ["one-too-many"])
        }
        try world.set("u", links: ["p1", "p31"])
        #expect(try world.user("u")?.links.count == 2)
    }

    @Test("signals are counted by class")
    func counts() throws {
        let world = try TestEngine(product: "a")
        try world.welcome("u")
        try world.set("u", links: ["a", "b"])
        try world.add("boots", about: "hiking")
        for type in [SignalType.like, .click, .view, .hide, .impression] {
            try world.signal("u", type, "boots", at: 1)
        }
        for product in ["a", "b"] {
            try world.chat("u", "cello", at: 1) { $0.product = try Product(product) }
        }
        let counts = try #require(try world.user("u")).signals
        #expect(counts.map(\.signals) == [.behaviour, .views, .negative, .chat])
        #expect(counts.map(\.count) == [2, 1, 1, 2])
    }
}
