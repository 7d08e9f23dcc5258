import Domain
import Testing

@testable import OpenRTB

@Suite("Whose signals a bid request lets count")
struct PersonTests {
    @Test(
        "the bidder's name of a person comes before the exchange's",
        arguments: [
            ("{\"id\":\"e\",\"buyeruid\":\"b\"}", "b"),
            ("{\"id\":\"e\"}", "e"),
            ("{\"id\":\"e\",\"buyeruid\":\"no name\"}", "e"),
            ("{\"id\":\"\",\"yob\":1984,\"gender\":\"F\"}", nil),
            ("{}", nil),
        ])
    func names(user: String, name: String?) throws {
        let person = try person("\"user\":\(user)")
        #expect(try person == name.map { .known(try UserID($0)) } ?? .unnamed)
    }

    @Test(
        "what withholds personal signals",
        arguments: [
            ("\"regs\":{\"coppa\":1}", BidPlan.Person.Reason.coppa),
            ("\"regs\":{\"coppa\":1,\"gdpr\":1}", .coppa),
            ("\"regs\":{\"gdpr\":1}", .gdpr),
            ("\"regs\":{\"ext\":{\"gdpr\":1}}", .gdpr),
            ("\"regs\":{\"gdpr\":0,\"ext\":{\"gdpr\":1}}", .gdpr),
            ("\"regs\":{\"us_privacy\":\"1YYN\"}", .usPrivacy),
            ("\"regs\":{\"ext\":{\"us_privacy\":\"1yyn\"}}", .usPrivacy),
            ("\"regs\":{\"us_privacy\":\"2YNN\"}", .usPrivacy),
            ("\"regs\":{\"us_privacy\":\"\"}", .usPrivacy),
            ("\"device\":{\"dnt\":1}", .device),
            ("\"device\":{\"lmt\":1}", .device),
            ("\"regs\":{\"gpp\":\"rubbish\"}", .gpp),
            ("\"regs\":{\"gpp_sid\":[7]}", .gpp),
        ])
    func withheld(fields: String, reason: BidPlan.Person.Reason) throws {
        #expect(try person(fields + ",\"user\":{\"id\":\"e\"}") == .withheld(reason))
    }

    @Test(
        "what does not",
        arguments: [
            "\"regs\":{}", "\"regs\":{\"coppa\":0,\"gdpr\":0}",
            "\"regs\":{\"us_privacy\":\"1YNN\"}",
            "\"regs\":{\"us_privacy\":\"1---\"}", "\"regs\":{\"gpp\":\"\"}",
            "\"regs\":{\"gpp_sid\":[-1]}",
            "\"device\":{\"dnt\":0,\"lmt\":0}",
        ])
    func allowed(fields: String) throws {
        #expect(try person(fields + ",\"user\":{\"id\":\"e\"}") == .known(try UserID("e")))
    }

    @Test("who vouches for consent may use them under the GDPR, and nowhere else")
    func consent() throws {
        var settings = BidSettings()
        settings.allowsGDPR = true
        let user = ",\"user\":{\"id\":\"e\"}"
        #expect(
            try person("\"regs\":{\"gdpr\":1}" + user, settings) == .known(try UserID("e")))
        #expect(
            try person("\"regs\":{\"gdpr\":1,\"coppa\":1}" + user, settings) == .withheld(.coppa))
    }

    /// Sections written field by field: B is version 1, V three notices given, q three times "did not
    /// opt out", other letters at least once "opted out". Headers are the specification's.
    @Test(
        "what the sections of a GPP string say",
        arguments: [
            GPPCase("US National, nothing opted out", "DBABLA~BVVqAAAAAmA.QA", true),
            GPPCase("US National, without the control's segment", "DBABLA~BVVqAAAAAmA", true),
            GPPCase("US National, sale", "DBABLA~BVVaAAAAAmA.QA", false),
            GPPCase("US National, sharing", "DBABLA~BVVmAAAAAmA.QA", false),
            GPPCase("US National, targeted advertising", "DBABLA~BVVpAAAAAmA.QA", false),
            GPPCase("US National, Global Privacy Control", "DBABLA~BVVqAAAAAmA.YA", false),
            GPPCase("US National, a version of tomorrow", "DBABLA~DVVqAAAAAmA.QA", false),
            GPPCase("US National, cut off", "DBABLA~BVV", false),
            GPPCase("California, nothing opted out", "DBABBg~BVqAAABY.QA", true),
            GPPCase("California, sale", "DBABBg~BVaAAABY.QA", false),
            GPPCase("Virginia, nothing opted out", "DBABRg~BVqAAAA", true),
            GPPCase("Virginia, targeted advertising", "DBABRg~BVmAAAA", false),
            GPPCase("Utah, the specification's example", "DBABFg~BVVkklWA", false),
            GPPCase("Utah, nothing opted out", "DBABFg~BVakklWA", true),
            GPPCase("US Privacy, not sold", "DBABTA~1YNN", true),
            GPPCase("US Privacy, sold no more", "DBABTA~1YYN", false),
            GPPCase("Europe", "DBABMA~CPXxRfAPXxRfAAfKABENB", false),
            GPPCase(
                "Europe and US Privacy, which alone applies", "DBACNYA~CPXxRfA~1YNN", true, [6]),
            GPPCase("Europe and US Privacy, both", "DBACNYA~CPXxRfA~1YNN", false),
            GPPCase("Europe and US Privacy, unknown which", "DBACNYA~CPXxRfA~1YNN", false, [0]),
            GPPCase("Europe and US Privacy, neither", "DBACNYA~CPXxRfA~1YYN", true, [-1]),
            GPPCase("a section that is not there", "DBABTA~1YNN", false, [7]),
            GPPCase("a range of sections", "DBABrw~BVVqAAAAAmA.QA~BVqAAABY.QA", true),
            GPPCase("a range of sections, the second", "DBABrw~BVVqAAAAAmA.QA~BVaAAABY.QA", false),
            GPPCase("fewer sections than announced", "DBABrw~BVVqAAAAAmA.QA", false),
            GPPCase("more sections than announced", "DBABTA~1YNN~1YNN", false),
            GPPCase("no header", "~1YNN", false),
            GPPCase("another type", "EBABTA~1YNN", false),
        ])
    func gpp(_ gpp: GPPCase) throws {
        let sections = gpp.sections.map { ",\"gpp_sid\":\($0)" } ?? ""
        let person = try person(
            "\"regs\":{\"gpp\":\"\(gpp.text)\"\(sections)},\"user\":{\"id\":\"e\"}")
        #expect(
            try person == (gpp.allows ? .known(try UserID("e")) : .withheld(.gpp)), "\(gpp.name)")
    }

    private func person(
        _ fields: String, _ settings: BidSettings = BidSettings()
    ) throws -> BidPlan.Person {
        let request = try Samples.read("{\"id\":\"r\",\"imp\":[{\"id\":\"1\"}],\(fields)}")
        return BidPlan(request, settings: settings, clock: .zero).person
    }
}

struct GPPCase: Sendable {
    let name: String
    let text: String
    let allows: Bool
    let sections: [Int]?

    init(_ name: String, _ text: String, _ allows: Bool, _ sections: [Int]? = nil) {
        self.name = name
        self.text = text
        self.allows = allows
        self.sections = sections
    }
}
