import Domain
import Engine
import OpenRTB
import Testing

@testable import Server

/// Bid requests against the engine: bytes in, status and bytes out.
@Suite struct BidExecutorTests {
    @Test func `the price is the score of RANK, per thousand`() throws {
        let world = try BidWorld()
        try world.add("ad:boots", "Waterproof hiking boots, spring sale") { draft in
            draft.declaration.domains = ["boots.example"]
            draft.declaration.categories = ["IAB18-1"]
            draft.declaration.creative = try CreativeID("spring")
        }
        try world.add("ad:lipstick", "Matte lipstick in twelve colours", bid: 2_600_000)
        try world.makeHiker("u42", likes: "ad:boots")
        let scores = try world.scores(of: "u42")
        #expect(scores.map(\.id) == ["ad:boots", "ad:lipstick"])
        let prices = scores.map { BidResponse.price(ofMicros: $0.score) }
        let request = BidWorld.request(
            "\"user\":{\"buyeruid\":\"u42\"}",
            imp: "{\"id\":\"top\",\"bidfloor\":0.01},{\"id\":\"foot\"},{\"id\":\"third\"}")
        #expect(
            world.bids(request)
                == #"{"id":"r","seatbid":[{"seat":"cairn","bid":["#
                + #"{"id":"1","impid":"top","price":\#(prices[0]),"adid":"ad:boots","#
                + #""adomain":["boots.example"],"crid":"spring","cat":["IAB18-1"]},"#
                + #"{"id":"2","impid":"foot","price":\#(prices[1]),"adid":"ad:lipstick"}]}],"#
                + #""bidid":"r-1769947200000","cur":"USD"}"#)
    }

    @Test(arguments: [
        "\"regs\":{\"coppa\":1}", "\"regs\":{\"gdpr\":1}", "\"regs\":{\"ext\":{\"gdpr\":1}}",
        "\"regs\":{\"us_privacy\":\"1YYN\"}", "\"regs\":{\"ext\":{\"us_privacy\":\"1YYN\"}}",
        "\"regs\":{\"gpp\":\"DBABLA~BVVaAAAAAmA.QA\",\"gpp_sid\":[7]}",
        "\"regs\":{\"gpp\":\"DBABTA~1YYN\"}", "\"regs\":{\"gpp\":\"what?\"}",
        "\"device\":{\"dnt\":1}", "\"device\":{\"lmt\":1}",
    ])
    func `when the law says so a person is answered as nobody, to the byte`(fields: String) throws {
        let world = try BidWorld()
        try world.add("ad:boots", "Waterproof hiking boots, spring sale")
        try world.add("ad:lipstick", "Matte lipstick in twelve colours", bid: 2_600_000)
        try world.makeHiker("u42", likes: "ad:boots")
        let known = "\"user\":{\"id\":\"u42\",\"buyeruid\":\"u42\"}"
        let unknown = "\"user\":{\"id\":\"nobody\",\"buyeruid\":\"nobody\"}"
        let personal = world.bids(BidWorld.request(known))
        let nobodys = world.bids(BidWorld.request(unknown))
        #expect(personal != nobodys, "what the person did must make a difference")
        #expect(world.bids(BidWorld.request("\(known),\(fields)")) == nobodys)
        #expect(world.bids(BidWorld.request("\(unknown),\(fields)")) == nobodys)
    }

    @Test func `an operator who has consent may use signals under the GDPR`() throws {
        let world = try BidWorld { $0.bidding.allowsGDPR = true }
        try world.add("ad:boots", "Waterproof hiking boots, spring sale")
        try world.makeHiker("u42", likes: "ad:boots")
        let known = "\"user\":{\"id\":\"u42\"}"
        #expect(
            world.bids(BidWorld.request("\(known),\"regs\":{\"gdpr\":1}"))
                == world.bids(BidWorld.request(known)))
    }

    @Test func `in an excluded region what was said counts as little as for nobody`() throws {
        let world = try BidWorld()
        try world.add("ad:boots", "Waterproof hiking boots, spring sale")
        try world.add("ad:other", "A like of this says little of boots")
        try world.makeHiker("u42", likes: "ad:other")
        func price(_ country: String) -> String {
            let geo = "\"device\":{\"geo\":{\"country\":\"\(country)\"}}"
            return world.bids(BidWorld.request("\"user\":{\"id\":\"u42\"},\(geo)"))
        }
        #expect(price("USA") == world.bids(BidWorld.request("\"user\":{\"id\":\"u42\"}")))
        #expect(price("KOR") != price("USA"))
        #expect(price("KOR") == price("DEU"))
        #expect(price("KOR") == price("???"))
    }

    @Test(arguments: [
        BidWorld.request(imp: "{\"id\":\"1\",\"bidfloor\":1e6}"),
        BidWorld.request(imp: "{\"id\":\"1\",\"bidfloor\":1,\"bidfloorcur\":\"EUR\"}"),
        BidWorld.request(imp: "{\"id\":\"1\",\"pmp\":{\"private_auction\":1}}"),
        BidWorld.request("\"cur\":[\"JPY\"]"), BidWorld.request("\"wseat\":[\"other\"]"),
        BidWorld.request("\"badv\":[\"boots.example\"]"), BidWorld.request("\"bcat\":[\"IAB18\"]"),
        BidWorld.request("\"bcat\":[\"483\"],\"cattax\":7"),
        BidWorld.request("\"acat\":[\"IAB1\"]"),
        BidWorld.request("\"wlang\":[\"de\"]"),
        BidWorld.request("\"device\":{\"language\":\"de\"}"),
        BidWorld.request("\"device\":{\"geo\":{\"country\":\"CAN\"}}"),
    ])
    func `nothing that is wanted is nothing to say`(request: String) throws {
        let world = try BidWorld()
        try world.add("ad:boots", "Waterproof hiking boots, spring sale") { draft in
            draft.declaration.domains = ["boots.example"]
            draft.declaration.categories = ["IAB18-1"]
            draft.languages = [try Language("en")]
            draft.regions = [try Region("US")]
        }
        let here = "\"device\":{\"language\":\"en-US\",\"geo\":{\"country\":\"USA\"}}"
        _ = world.bids(BidWorld.request(here))
        let (outcome, body) = world.answer(request)
        #expect(outcome == .nothing)
        #expect(body.isEmpty)
    }

    @Test func `more ads are ranked until one is wanted`() throws {
        let world = try BidWorld()
        for number in 0..<400 {
            try world.add("ad:\(number)", "", bid: 5_000_000) {
                $0.declaration.domains = ["rival.example"]
            }
        }
        try world.add("ad:fine", "", bid: 1_000_000) { $0.declaration.domains = ["fine.example"] }
        #expect(
            world.bids(BidWorld.request("\"badv\":[\"rival.example\"]"))
                .contains("\"adid\":\"ad:fine\""))
        #expect(!world.bids(BidWorld.request()).contains("\"adid\":\"ad:fine\""))
    }

    @Test func `too little time is said, and malformed requests are told where`() throws {
        let world = try BidWorld()
        try world.add("ad:boots", "Waterproof hiking boots, spring sale")
        #expect(
            world.bids(BidWorld.request("\"tmax\":30")) == #"{"id":"r","seatbid":[],"nbr":15}"#)
        _ = world.bids(BidWorld.request("\"tmax\":31"))
        #expect(
            world.answer("{\"id\":\"r\",\"imp\":[{\"id\":1}]}").outcome
                == .refused(
                    .field(pointer: "/imp/0/id", reason: "expected a string, got a whole number")))
        let bytesCount = Limits.bidRequestBytesMax + 1
        #expect(
            world.answer(String(repeating: " ", count: bytesCount)).outcome
                == .refused(.tooLong(bytesCount)))
    }

    @Test func `the time in which a request waited is gone, and late work is not begun`() throws {
        let world = try BidWorld()
        try world.add("ad:boots", "Waterproof hiking boots, spring sale")
        let now = WallClock.monotonicNanoseconds
        func answer(arrivedAt: Int64) -> String {
            var output: [UInt8] = []
            let body = Array(BidWorld.request("\"tmax\":10030").utf8)
            let outcome = world.executor.answer(
                body.span, clock: world.clock, arrivedAt: arrivedAt, into: &output)
            #expect(outcome == .response)
            return String(decoding: output, as: UTF8.self)
        }
        #expect(answer(arrivedAt: now).contains("\"adid\":\"ad:boots\""))
        #expect(world.shared.counters.requestsShed.value == 0)
        #expect(
            answer(arrivedAt: now - 10_000_000_000) == #"{"id":"r","seatbid":[],"nbr":15}"#)
        #expect(world.shared.counters.requestsShed.value == 1)
    }

    @Test func `a surface that has left the ads lane bids nothing`() throws {
        let world = try BidWorld()
        try world.add("ad:boots", "Waterproof hiking boots, spring sale")
        let change = try SurfaceChange(name: SurfaceName("ads"), settings: [.lane(.content)])
        try world.shared.changes.set(change).wait()
        #expect(world.bids(BidWorld.request()) == #"{"id":"r","seatbid":[],"nbr":1}"#)
    }

    @Test func `what stands around an ad counts, unless it is sensitive, and a worker reads it`()
        throws
    {
        let world = try BidWorld(hasGate: true)
        try world.add("ad:boots", "Waterproof hiking boots, spring sale")
        try world.add("ad:lipstick", "Matte lipstick in twelve colours", bid: 2_600_000)
        func site(_ content: String) -> String {
            BidWorld.request("\"site\":{\"content\":{\(content)}}")
        }
        let bare = world.bids(BidWorld.request())
        let hike = "\"title\":\"planning a hike in the Dolomites, which boots?\""
        #expect(bare.contains("\"adid\":\"ad:lipstick\""))
        #expect(world.bids(site(hike)).contains("\"adid\":\"ad:boots\""))
        #expect(world.bids(site("\"title\":\"how long after chemo can I hike again?\"")) == bare)
        let keywords = "\"keywords\":\"how long after chemo, when can I hike again\""
        #expect(world.bids(site("\(hike),\(keywords)")) == bare)
    }

    @Test func `texts are a worker's once, and must pass the walls each time`() throws {
        let worker = try BidWorld(hasGate: true)
        try worker.add("ad:boots", "Waterproof hiking boots, spring sale")
        try worker.add("ad:lipstick", "Matte lipstick in twelve colours", bid: 2_600_000)
        let loop = try worker.beside(isWorker: false)
        let bare = worker.bids(BidWorld.request())
        #expect(loop.bids(BidWorld.request()) == bare)
        let texts = [
            ("planning a hike in the Dolomites, which boots?", false),
            ("how long after chemo can I hike again?", true),
        ]
        for (text, isSensitive) in texts {
            let request = BidWorld.request("\"site\":{\"content\":{\"title\":\"\(text)\"}}")
            let unread = loop.answer(request)
            #expect(unread.outcome == .handOver && unread.body.isEmpty)
            let read = worker.bids(request)
            #expect((read == bare) == isSensitive)
            let masked = worker.shared.counters.masked.count(of: .sensitive)
            #expect(loop.bids(request) == read)
            #expect(
                worker.shared.counters.masked.count(of: .sensitive)
                    == masked + (isSensitive ? 1 : 0))
        }
    }
}

extension BidWorld {
    /// All ads of the surface as RANK gives them.
    fileprivate func scores(of user: String) throws -> [(id: String, score: Double)] {
        let bytes = Array(user.utf8)
        let setup = shared.engine.setup
        let surface = try #require(setup.surface(named: try SurfaceName("ads")))
        let request = RankRequest(
            user: ByteRange(offset: 0, count: bytes.count), clock: clock, restriction: nil)
        var scores: [(id: String, score: Double)] = []
        try shared.engine.rank(
            request, on: surface, setup: setup, candidates: .all, top: 10, bytes: bytes.span,
            ranges: Span<ByteRange>(), ranker: try shared.engine.makeRanker()
        ) { results in
            results.forEach { id, score in scores.append((String(repairing: id), score)) }
        }
        return scores
    }
}
