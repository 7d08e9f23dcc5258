import Domain
import Testing

@testable import OpenRTB

@Suite("What is bid")
struct BidResponseTests {
    /// Offers ads, best first, to a request with these impressions.
    private func bids(
        _ impressions: String, _ ads: [(item: String, micros: Double)], unwanted: Set<String> = []
    ) throws -> (bids: [String], asked: [String], isComplete: Bool) {
        let request = try Samples.read(
            "{\"id\":\"r\",\"imp\":[\(impressions)],\"badv\":[\"bad.example\"]}")
        var selection = BidSelection(BidPlan(request, settings: BidSettings(), clock: .zero))
        var asked: [String] = []
        for ad in ads {
            selection.offer(Array(ad.item.utf8).span, micros: ad.micros) {
                asked.append(ad.item)
                var declaration = AdDeclaration()
                declaration.domains = [unwanted.contains(ad.item) ? "bad.example" : "ok.example"]
                return (declaration, [])
            }
        }
        let bids = selection.bids.map { "\($0.impressionID):\($0.item) \($0.price)" }
        return (bids, asked, selection.isComplete)
    }

    @Test("the best ad goes to the first impression whose floor it reaches")
    func selection() throws {
        let ads: [(String, Double)] = [("a", 3_000), ("b", 2_000), ("c", 1_000), ("d", 500)]
        let two = "{\"id\":\"x\",\"bidfloor\":2.5},{\"id\":\"y\",\"bidfloor\":1}"
        #expect(try bids(two, ads).bids == ["x:a 3.0", "y:b 2.0"])
        #expect(try bids(two, ads).asked == ["a", "b"])
        #expect(try bids(two, ads, unwanted: ["a"]).bids == ["y:b 2.0"])
        #expect(try bids(two, ads, unwanted: ["b"]).bids == ["x:a 3.0", "y:c 1.0"])
    }

    @Test("below every floor no ad is asked")
    func floor() throws {
        let high = try bids("{\"id\":\"x\",\"bidfloor\":9}", [("a", 3_000), ("b", 2_000)])
        #expect(high.bids.isEmpty && high.asked.isEmpty && high.isComplete)
        let exact = try bids("{\"id\":\"x\",\"bidfloor\":3}", [("a", 3_000)])
        #expect(exact.bids == ["x:a 3.0"])
        let free = try bids("{\"id\":\"x\"}", [("a", 0)])
        #expect(free.bids.isEmpty, "what is worth nothing is no bid")
    }

    @Test("a selection that lacks ads is not complete")
    func incomplete() throws {
        #expect(try !bids("{\"id\":\"x\"}", []).isComplete)
        #expect(try !bids("{\"id\":\"x\"}", [("a", 1)], unwanted: ["a"]).isComplete)
        #expect(try bids("{\"id\":\"x\"}", [("a", 1)]).isComplete)
    }

    @Test("a response is written field by field")
    func response() throws {
        var full = AdDeclaration()
        full.domains = ["shop.example", "boots.example"]
        full.categories = ["483"]
        full.taxonomy = 7
        full.creative = try CreativeID("spring/7")
        let bids = [
            BidResponse.Bid(
                impressionID: "1", price: BidResponse.price(ofMicros: 944.5859475321217),
                item: "ad:\"boots\"", declaration: full),
            BidResponse.Bid(
                impressionID: "2", price: 1e-7, item: "ß\n", declaration: AdDeclaration()),
        ]
        let response = BidResponse(id: "r\\1", content: .bids(bids))
        let expected = #"""
            {"id":"r\\1","seatbid":[{"seat":"cairn","bid":[
            {"id":"1","impid":"1","price":0.9445859475321218,"adid":"ad:\"boots\"",
            "adomain":["shop.example","boots.example"],"crid":"spring/7","cat":["483"],"cattax":7},
            {"id":"2","impid":"2","price":1e-07,"adid":"ß\u000a"}]}],
            "bidid":"r\\1-0","cur":"USD"}
            """#.replacing("\n", with: "")
        #expect(text(of: response) == expected)
        var parser = Samples.parser()
        let id = try parser.read(Array(expected.utf8).span) { (json) throws(BidRequestError) in
            try json.text("id")
        }
        #expect(id == "r\\1")
    }

    @Test("a response without bids gives the reason")
    func noBid() {
        #expect(
            text(of: BidResponse(id: "r", content: .none(.insufficientTime)))
                == #"{"id":"r","seatbid":[],"nbr":15}"#)
    }

    @Test("a response in which time did not suffice says how far it came")
    func partial() {
        #expect(
            text(of: BidResponse(id: "r", content: .none(.insufficientTime), coverage: 0.25))
                == #"{"id":"r","seatbid":[],"nbr":15,"ext":{"coverage":0.25}}"#)
    }

    @Test(
        "an error says where it is",
        arguments: [
            (
                BidRequestError.field(pointer: "/imp/0/id", reason: "expected \"this\""),
                "/imp/0/id: expected \"this\""
            ),
            (.malformed(position: 7, reason: "expected ':'"), "no JSON at byte 7: expected ':'"),
            (.tooLong(300_000), "the request has 300000 bytes, at most 262144"),
        ])
    func message(error: BidRequestError, message: String) {
        #expect(error.message == message)
    }

    private func text(of response: BidResponse) -> String {
        var output: [UInt8] = []
        response.write(settings: BidSettings(), clock: .zero, to: &output)
        return String(decoding: output, as: UTF8.self)
    }
}
