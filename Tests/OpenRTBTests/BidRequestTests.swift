import Domain
import Testing

@testable import OpenRTB

@Suite("What is read of a bid request")
struct BidRequestTests {
    @Test("a banner on a site")
    func banner() throws {
        var impression = BidRequest.Impression(id: "1")
        impression.floor = 0.25
        impression.formats = .banner
        var expected = BidRequest(id: "req-banner", impressions: [impression])
        expected.auction = 1
        expected.currencies = ["USD"]
        expected.user.id = "exchange-1"
        expected.place = BidRequest.Place(
            kind: .site, name: nil, domain: "www.hills.example", categories: ["IAB3-1"])
        #expect(try Samples.read(Samples.banner) == expected)
    }

    @Test("an app, two impressions, what is blocked, a device")
    func mobile() throws {
        let request = try Samples.read(Samples.mobile)
        #expect(request.impressions.map(\.id) == ["1", "2"])
        #expect(request.impressions.map(\.tag) == ["top", "full"])
        #expect(request.blockedCategories == ["IAB25", "IAB7-39"])
        #expect(request.taxonomy == 1)
        #expect(request.blockedDomains == ["Rival.example"])
        #expect(request.device.region == (try Region("US")))
        #expect(request.device.language == (try Language("en")))
        #expect(!request.device.asksNotToTrack)
        #expect(request.place?.kind == .app)
        #expect(request.place?.name == "Weather Up There")
    }

    @Test("a video amid content")
    func video() throws {
        let request = try Samples.read(Samples.video)
        #expect(request.millisecondsMax == 120)
        #expect(request.impressions[0].formats == .video)
        #expect(request.user.buyerID == "u42")
        let place = try #require(request.place)
        #expect(place.categories == ["IAB2-1", "IAB2-2"])
        #expect(place.keywords == ["cars", "road trips"])
        #expect(place.content.title == "Car Show")
        #expect(place.content.keywords == ["old cars", "new cars", "blue cars"])
        #expect(place.content.context == 1)
        #expect(place.content.language == (try Language("en")))
    }

    @Test("native, with seats")
    func native() throws {
        let request = try Samples.read(Samples.native)
        #expect(request.impressions[0].formats == .native)
        #expect(request.allowedSeats == ["771", "cairn"])
        #expect(request.blockedSeats == ["800"])
    }

    @Test("deals, of which only whether others are welcome is read")
    func deals() throws {
        #expect(try Samples.read(Samples.deals).impressions.map(\.isPrivate) == [true, false])
    }

    @Test("a pod on a screen in a hall, and what the law says")
    func pod() throws {
        let request = try Samples.read(Samples.pod)
        #expect(request.impressions.map(\.formats) == [.video, .video, .audio])
        #expect(request.impressions.map(\.floor) == [5, 6, 0])
        #expect(request.impressions.map(\.floorCurrency) == ["USD", "EUR", "USD"])
        #expect(request.allowedCategories == ["483"])
        #expect(request.taxonomy == 7)
        #expect(request.languages == [try Language("en"), try Language("de")])
        #expect(request.isTest)
        #expect(request.place?.kind == .outdoors)
        #expect(request.place?.keywords == ["trains", "coffee"])
        #expect(request.place?.content.keywords == ["departures"])
        #expect(request.place?.content.language == (try Language("de")))
        #expect(request.device.language == (try Language("fr")))
        #expect(request.device.region == nil)
        #expect(request.user.region == (try Region("DE")))
        let regulations = request.regulations
        #expect(!regulations.isForChildren)
        #expect(regulations.isUnderGDPR)
        #expect(regulations.gpp == "DBABTA~1YNN")
        #expect(regulations.gppSections == [6])
        #expect(regulations.usPrivacy == "1YNN")
    }

    @Test("the places of version 2.5")
    func old() throws {
        let request = try Samples.read(Samples.old)
        #expect(request.regulations.isUnderGDPR)
        #expect(request.regulations.usPrivacy == "1YYN")
        #expect(request.blockedApps == ["com.rival"])
    }

    @Test("null is as good as nothing, and what is not understood is unknown")
    func nullAndUnknown() throws {
        let request = try Samples.read(
            """
            {"id": "r", "imp": [{"id": "1", "bidfloor": null, "banner": null}], "tmax": 90.0,
             "user": null, "regs": {"ext": null, "coppa": null}, "cur": null, "wlang": ["klingon"],
             "device": {"language": "", "geo": {"country": "XYZ"}}}
            """)
        #expect(request.impressions[0].floor == 0)
        #expect(request.impressions[0].formats.isEmpty)
        #expect(request.millisecondsMax == 90)
        #expect(request.user == BidRequest.User())
        #expect(request.device.region == .unknown)
        #expect(request.device.language == .unknown)
        #expect(request.languages == [.unknown])
    }

    @Test("every country has its three letters, and no other")
    func countries() throws {
        #expect(Set(Region.byThreeLetters.values) == Region.countries)
        #expect(Region.byThreeLetters.count == Region.countries.count)
        #expect(Region(threeLetters: "kor") == (try Region("KR")))
        #expect(Region(threeLetters: "GBR") == (try Region("GB")))
        #expect(Region(threeLetters: "US") == .unknown)
    }

    @Test("say what is wrong, and where", arguments: badRequests)
    func errors(_ bad: BadRequest) {
        #expect(throws: bad.error) { try Samples.read(bad.text) }
    }
}

struct BadRequest: Sendable {
    let text: String
    let error: BidRequestError

    init(_ text: String, _ pointer: String, _ reason: String) {
        self.text = text
        error = .field(pointer: pointer, reason: reason)
    }

    init(_ text: String, at position: Int, _ reason: String) {
        self.text = text
        error = .malformed(position: position, reason: reason)
    }

    /// A request that is good but for these fields of its top.
    init(with fields: String, _ pointer: String, _ reason: String) {
        self.init("{\"id\":\"r\",\"imp\":[{\"id\":\"1\"}],\(fields)}", pointer, reason)
    }

    init(imp fields: String, _ pointer: String, _ reason: String) {
        self.init("{\"id\":\"r\",\"imp\":[{\"id\":\"0\"},{\(fields)}]}", pointer, reason)
    }
}

private let long = String(repeating: "x", count: 513)
private let manyImpressions = [String](repeating: "{\"id\":\"1\"}", count: 65).joined(
    separator: ",")

private let badRequests: [BadRequest] = [
    BadRequest("", at: 0, "the text ends too early"),
    BadRequest(" \n", at: 2, "the text ends too early"),
    BadRequest("{\"id\":\"r\",}", at: 10, "expected a name in quotes"),
    BadRequest("{\"id\" \"r\"}", at: 6, "expected ':'"),
    BadRequest("{\"id\":'r'}", at: 6, "no value begins like this"),
    BadRequest("{} {}", at: 3, "something follows the end of the text"),
    BadRequest("{\"a\":01}", at: 6, "a number must not begin with 0"),
    BadRequest("{\"a\":nil}", at: 6, "expected true, false or null"),
    BadRequest("{\"a\":\"\\x\"}", at: 7, "no escape is written like this"),
    BadRequest("{\"a\":[1,2}", at: 9, "expected ',' or ']'"),
    BadRequest("{\"a\":\"\u{7}\"}", at: 6, "a control character in a string must be escaped"),
    BadRequest("[]", "", "expected an object, got an array"),
    BadRequest("7", "", "expected an object, got a whole number"),
    BadRequest("{}", "/id", "expected a string that is not empty"),
    BadRequest("{\"id\":\"\"}", "/id", "expected a string that is not empty"),
    BadRequest("{\"id\":7}", "/id", "expected a string, got a whole number"),
    BadRequest(
        "{\"id\":\"\(long)\"}", "/id", "the string has 513 bytes, at most 512"),
    BadRequest("{\"id\":\"a\",\"id\":\"b\"}", "/id", "given 2 times"),
    BadRequest("{\"id\":\"r\"}", "/imp", "expected at least one impression"),
    BadRequest("{\"id\":\"r\",\"imp\":[]}", "/imp", "expected at least one impression"),
    BadRequest("{\"id\":\"r\",\"imp\":{}}", "/imp", "expected an array, got an object"),
    BadRequest(
        "{\"id\":\"r\",\"imp\":[\(manyImpressions)]}", "/imp", "too many elements: at most 64"),
    BadRequest("{\"id\":\"r\",\"imp\":[7]}", "/imp/0", "expected an object, got a whole number"),
    BadRequest(imp: "\"bidfloor\":1", "/imp/1/id", "expected a string that is not empty"),
    BadRequest(
        imp: "\"id\":\"1\",\"bidfloor\":\"1\"", "/imp/1/bidfloor", "expected a number, got a string"
    ),
    BadRequest(
        imp: "\"id\":\"1\",\"bidfloor\":-0.5", "/imp/1/bidfloor",
        "expected a number of at least 0"),
    BadRequest(
        imp: "\"id\":\"1\",\"bidfloor\":1e999", "/imp/1/bidfloor",
        "expected a number, got a number or a string that is out of range"),
    BadRequest(
        imp: "\"id\":\"1\",\"video\":[]", "/imp/1/video", "expected an object, got an array"),
    BadRequest(
        imp: "\"id\":\"1\",\"pmp\":{\"private_auction\":true}", "/imp/1/pmp/private_auction",
        "expected a whole number, got true or false"),
    BadRequest(with: "\"tmax\":\"120\"", "/tmax", "expected a whole number, got a string"),
    BadRequest(with: "\"tmax\":1.5", "/tmax", "expected a whole number from 0 to 2147483647"),
    BadRequest(with: "\"tmax\":-1", "/tmax", "expected a whole number from 0 to 2147483647"),
    BadRequest(with: "\"test\":2", "/test", "expected a whole number from 0 to 1"),
    BadRequest(with: "\"cur\":\"USD\"", "/cur", "expected an array, got a string"),
    BadRequest(with: "\"bcat\":[\"IAB1\",2]", "/bcat/1", "expected a string, got a whole number"),
    BadRequest(with: "\"cattax\":0", "/cattax", "expected a whole number from 1 to 65535"),
    BadRequest(
        with: "\"regs\":{\"coppa\":\"1\"}", "/regs/coppa", "expected a whole number, got a string"),
    BadRequest(
        with: "\"regs\":{\"ext\":{\"gdpr\":2}}", "/regs/ext/gdpr",
        "expected a whole number from 0 to 1"),
    BadRequest(
        with: "\"regs\":{\"gpp_sid\":[7,\"8\"]}", "/regs/gpp_sid/1",
        "expected a whole number, got a string"),
    BadRequest(with: "\"user\":\"u\"", "/user", "expected an object, got a string"),
    BadRequest(
        with: "\"device\":{\"geo\":{\"country\":1}}", "/device/geo/country",
        "expected a string, got a whole number"),
    BadRequest(
        with: "\"user\":{\"id\":\"\\ud800\"}", "/user/id",
        "expected a string, got a number or a string that is out of range"),
    BadRequest(
        with: "\"site\":{\"content\":{\"kwarray\":[[]]}}", "/site/content/kwarray/0",
        "expected a string, got an array"),
]
