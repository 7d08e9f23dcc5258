import Domain
import Testing

@testable import OpenRTB

@Suite("What a bid request means")
struct BidPlanTests {
    private func plan(
        _ fields: String, imp: String = "{\"id\":\"1\"}", _ settings: BidSettings = BidSettings()
    ) throws -> BidPlan {
        let comma = fields.isEmpty ? "" : ","
        return try plan(of: "{\"id\":\"r\",\"imp\":[\(imp)]\(comma)\(fields)}", settings)
    }

    private func plan(
        of text: String, _ settings: BidSettings = BidSettings()
    ) throws -> BidPlan {
        BidPlan(try Samples.read(text), settings: settings, clock: .zero)
    }

    @Test("a country of the device comes before one of the user, even one that is unknown")
    func region() throws {
        let user = "\"user\":{\"geo\":{\"country\":\"KOR\"}}"
        #expect(try plan(user).region == (try Region("KR")))
        #expect(
            try plan(user + ",\"device\":{\"geo\":{\"country\":\"USA\"}}").region
                == (try Region("US")))
        #expect(
            try plan(user + ",\"device\":{\"geo\":{\"country\":\"XXX\"}}").region == .unknown)
        #expect(try plan(user + ",\"device\":{\"geo\":{}}").region == (try Region("KR")))
        #expect(try plan("").region == nil)
    }

    @Test(
        "a margin is left to the network",
        arguments: [
            ("\"tmax\":120", 90_000), ("\"tmax\":31", 1_000), ("\"tmax\":30", 0), ("\"tmax\":5", 0),
            ("\"tmax\":0", 0), ("", nil),
        ])
    func budget(fields: String, microseconds: Int?) throws {
        #expect(try plan(fields).budgetMicroseconds == microseconds)
    }

    @Test(
        "a floor is a whole number of micros that is not below it",
        arguments: [
            ("0.03", 30_000), ("0.07", 70_000), ("0", 0), ("2.5", 2_500_000), ("0.0000001", 1),
            ("0.1234567", 123_457), ("1e300", 1_000_000_000_000_000),
        ])
    func floors(floor: String, micros: Int64) throws {
        let slots = try plan("", imp: "{\"id\":\"1\",\"bidfloor\":\(floor)}").slots
        #expect(slots == [BidPlan.Slot(id: "1", floorMicros: micros)])
    }

    @Test("impressions that cannot be bid for are left out")
    func slots() throws {
        #expect(try plan(of: Samples.deals).slots.map(\.id) == ["2"])
        #expect(try plan(of: Samples.pod).slots.map(\.id) == ["a", "c"])
        var settings = BidSettings()
        settings.currency = "EUR"
        #expect(try plan(of: Samples.pod, settings).slots.map(\.id) == ["b", "c"])
    }

    @Test(
        "a seat or a currency that is not welcome bids for nothing",
        arguments: [
            ("\"cur\":[\"EUR\",\"usd\"]", 1), ("\"cur\":[\"EUR\"]", 0), ("\"cur\":[]", 1),
            ("\"wseat\":[\"other\"]", 0), ("\"wseat\":[\"cairn\"]", 1),
            ("\"bseat\":[\"cairn\"]", 0), ("\"bseat\":[\"other\"]", 1),
        ])
    func welcome(fields: String, count: Int) throws {
        #expect(try plan(fields).slots.count == count)
    }

    @Test("title and keywords are the texts around an ad; names and categories are not")
    func texts() throws {
        #expect(
            try plan(of: Samples.video).texts == [
                "Car Show", "old cars, new cars, blue cars", "cars, road trips",
            ])
        #expect(try plan(of: Samples.pod).texts == ["departures", "trains, coffee"])
        #expect(try plan(of: Samples.mobile).texts == [])
    }

    @Test("the language is the device's")
    func language() throws {
        #expect(try plan(of: Samples.pod).language == (try Language("fr")))
        #expect(try plan(of: Samples.video).language == nil)
    }
}

@Suite("Which ads a publisher wants")
struct PublisherWishesTests {
    @Test(
        "by domain",
        arguments: [
            (["shop.example"], false), (["www.shop.example"], false), (["a.b.shop.example"], false),
            (["myshop.example"], true), (["example"], true),
            (["fine.example", "shop.example"], false),
            ([], false),
        ])
    func domains(domains: [String], isWanted: Bool) throws {
        var ad = AdDeclaration()
        ad.domains = domains
        #expect(try wishes("\"badv\":[\"Shop.example\"]").admit(ad, languages: []) == isWanted)
        #expect(try wishes("").admit(ad, languages: []))
    }

    @Test(
        "by category",
        arguments: [
            (["IAB7"], 1, false), (["IAB7-39"], 1, false), (["IAB1", "IAB7-1"], 1, false),
            (["IAB1"], 1, true), (["IAB8"], 1, false), (["IAB8-1"], 1, false), (["IAB70"], 1, true),
            (["IAB1"], 2, false),
            ([], 1, false),
        ])
    func categories(categories: [String], taxonomy: Int, isWanted: Bool) throws {
        var ad = AdDeclaration()
        ad.categories = categories
        ad.taxonomy = taxonomy
        let wishes = try wishes("\"bcat\":[\"IAB7\",\"IAB8\",\"IAB8-1\"]")
        #expect(wishes.admit(ad, languages: []) == isWanted)
    }

    @Test(
        "by the categories that alone are welcome",
        arguments: [
            (["483"], 7, true), (["484"], 7, false), (["484", "483"], 7, true), (["483"], 1, false),
            ([], 7, false),
        ])
    func allowed(categories: [String], taxonomy: Int, isWanted: Bool) throws {
        var ad = AdDeclaration()
        ad.categories = categories
        ad.taxonomy = taxonomy
        let wishes = try wishes("\"acat\":[\"483\"],\"cattax\":7")
        #expect(wishes.admit(ad, languages: []) == isWanted)
    }

    @Test(
        "by language",
        arguments: [
            (["en"], true), (["de", "en"], true), (["de"], false), ([], true),
        ])
    func languages(codes: [String], isWanted: Bool) throws {
        let languages = try codes.map { try Language($0) }
        #expect(
            try wishes("\"wlang\":[\"en\"]").admit(AdDeclaration(), languages: languages)
                == isWanted)
        #expect(
            try !wishes("\"wlang\":[\"?\"]").admit(AdDeclaration(), languages: [Language("en")]))
    }

    private func wishes(_ fields: String) throws -> PublisherWishes {
        let comma = fields.isEmpty ? "" : ","
        return PublisherWishes(
            try Samples.read("{\"id\":\"r\",\"imp\":[{\"id\":\"1\"}]\(comma)\(fields)}"))
    }
}
