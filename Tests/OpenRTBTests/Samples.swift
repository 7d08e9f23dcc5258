import Domain
import Testing

@testable import OpenRTB

/// Requests in the shapes that the specification shows.
enum Samples {
    static let banner = """
        {"id": "req-banner", "at": 1, "cur": ["USD"],
         "imp": [{"id": "1", "bidfloor": 0.25, "banner": {"h": 250, "w": 300, "pos": 0}}],
         "site": {"id": "77", "cat": ["IAB3-1"], "domain": "www.hills.example",
                  "page": "http://www.hills.example/huts.html",
                  "publisher": {"id": "9", "name": "hills.example", "domain": "hills.example"}},
         "user": {"id": "exchange-1"}}
        """

    static let expandable = """
        {"id": "req-expandable", "at": 2,
         "imp": [{"id": "1", "bidfloor": 0.03, "iframebuster": ["vendor1.example"],
                  "banner": {"h": 250, "w": 300, "battr": [13], "expdir": [2, 4]}}],
         "site": {"id": "77", "cat": ["IAB3-1"]},
         "user": {"id": "exchange-1", "buyeruid": "u42", "yob": "1984", "gender": 7,
                  "data": [{"id": "6", "segment": [{"id": "1", "value": "30-40"}]}]}}
        """

    static let mobile = """
        {"id": "req-mobile", "at": 2, "bcat": ["IAB25", "IAB7-39"], "badv": ["Rival.example"],
         "imp": [{"id": "1", "bidfloor": 0.5, "tagid": "top",
                  "banner": {"w": 728, "h": 90, "api": [3]}},
                 {"id": "2", "bidfloor": 0.5, "tagid": "full", "instl": 1,
                  "banner": {"w": 0, "h": 0}}],
         "app": {"id": "a", "name": "Weather Up There", "cat": ["IAB15", "IAB15-10"],
                 "bundle": "12345", "publisher": {"id": "p", "domain": "weather.example"}},
         "device": {"dnt": 0, "lmt": 0, "ua": "Mozilla/5.0", "language": "en", "js": 1,
                    "geo": {"lat": 35.012345, "lon": -115.12345, "country": "USA",
                            "region": "CA", "zip": "90049"}},
         "user": {"id": "exchange-1"}}
        """

    static let video = """
        {"id": "req-video", "at": 2, "tmax": 120,
         "imp": [{"id": "1", "bidfloor": 0.03,
                  "video": {"w": 640, "h": 480, "minduration": 5, "maxduration": 30,
                            "mimes": ["video/mp4"], "protocols": [2, 3], "startdelay": 0,
                            "companionad": [{"id": "c1", "w": 300, "h": 250, "expdir": [2]}]}}],
         "site": {"id": "77", "name": "Wheels", "domain": "wheels.example",
                  "cat": ["IAB2-1"], "sectioncat": ["IAB2-2"], "keywords": "cars, road trips",
                  "content": {"id": "c", "series": "All About Cars", "season": "2", "episode": 23,
                              "title": "Car Show", "cat": ["IAB2-2"], "context": 1,
                              "language": "en", "keywords": "old cars,new cars,,  blue cars "}},
         "user": {"id": "exchange-1", "buyeruid": "u42"}}
        """

    static let native = """
        {"id": "req-native", "at": 1, "cur": ["USD"],
         "imp": [{"id": "1", "bidfloor": 0.03,
                  "native": {"request": "{\\"native\\":{\\"ver\\":\\"1.0\\",\\"assets\\":[]}}",
                             "ver": "1.0", "battr": [13, 14]}}],
         "site": {"id": "77"}, "user": {"id": "exchange-1"},
         "wseat": ["771", "cairn"], "bseat": ["800"]}
        """

    static let deals = """
        {"id": "req-deals", "at": 1,
         "imp": [{"id": "1", "bidfloor": 0.03, "banner": {"h": 250, "w": 300},
                  "pmp": {"private_auction": 1,
                          "deals": [{"id": "A-0001", "at": 1, "bidfloor": 2.5,
                                     "wseat": ["agency"]}]}},
                 {"id": "2", "banner": {"h": 250, "w": 300},
                  "pmp": {"private_auction": 0, "deals": []}}]}
        """

    static let pod = """
        {"id": "req-pod", "tmax": 500, "acat": ["483"], "cattax": 7, "wlang": ["en", "de"],
         "imp": [{"id": "a", "bidfloor": 5, "bidfloorcur": "USD",
                  "video": {"podid": "pod", "podseq": 1, "slotinpod": 1, "mimes": ["video/mp4"],
                            "rqddurs": [15, 30]}},
                 {"id": "b", "bidfloor": 6, "bidfloorcur": "EUR",
                  "video": {"podid": "pod", "podseq": 0, "maxseq": 4, "poddur": 60,
                            "mimes": ["video/mp4"]}},
                 {"id": "c", "audio": {"mimes": ["audio/mp4"]}, "rwdd": 1}],
         "dooh": {"id": "d", "name": "Station hall", "venuetype": ["transit.train"],
                  "kwarray": ["trains", "coffee"],
                  "content": {"kwarray": ["departures"], "langb": "de-CH", "network": {"id": "n"}}},
         "device": {"langb": "fr-CA", "geo": {"type": 1}}, "test": 1,
         "user": {"geo": {"country": "DEU"}},
         "source": {"schain": {"complete": 1, "ver": "1.0", "nodes": []}},
         "regs": {"coppa": 0, "gdpr": 1, "gpp": "DBABTA~1YNN", "gpp_sid": [6],
                  "us_privacy": "1YNN"}}
        """

    static let old = """
        {"id": "req-2.5", "imp": [{"id": "1", "banner": {}}], "bapp": ["com.rival"],
         "regs": {"ext": {"gdpr": 1, "us_privacy": "1YYN"}}, "user": {"ext": {"consent": "C"}}}
        """

    static let all = [banner, expandable, mobile, video, native, deals, pod, old]

    static func read(_ text: String) throws(BidRequestError) -> BidRequest {
        try read(Array(text.utf8))
    }

    static func read(_ bytes: [UInt8]) throws(BidRequestError) -> BidRequest {
        var parser = parser()
        return try BidRequest.read(bytes.span, with: &parser)
    }

    static func parser() -> JSONParser {
        guard let parser = JSONParser() else { preconditionFailure("out of memory") }
        return parser
    }
}
