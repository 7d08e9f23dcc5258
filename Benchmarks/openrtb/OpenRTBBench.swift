// How many bid requests a second one core reads, beside a bare pass of simdjson over the same bytes:
// medians of rounds. Benchmarks/README.md tells how to run it; files named take the place of the
// request in here.

import Domain
import FastJSON
import OpenRTB

#if canImport(Glibc)
    import Glibc
#endif

@main
struct OpenRTBBench {
    private static let rounds = 21
    private static let repetitions = 2_000

    /// The request of an app with two impressions, a device, a person and what is around.
    private static let sample = """
        {"id":"IxexyLDIIk","at":2,"tmax":120,"cur":["USD"],"bcat":["IAB25","IAB7-39","IAB8-18",
        "IAB8-5","IAB9-9"],"badv":["rival.example","another.example","third.example"],
        "imp":[{"id":"1","bidfloor":0.5,"tagid":"agltb3B1Yi1pbmNyDQsSBFNpdGUY7fD0FAw",
        "banner":{"w":728,"h":90,"pos":1,"btype":[4],"battr":[14],"api":[3]},"secure":1},
        {"id":"2","bidfloor":0.75,"tagid":"agltb3B1Yi1pbmNyDQsSBFNpdGUY7fD0FAx","instl":1,
        "video":{"w":640,"h":480,"minduration":5,"maxduration":30,"mimes":["video/mp4"],
        "protocols":[2,3],"startdelay":0,"playbackmethod":[1,3]}}],
        "app":{"id":"agltb3B1Yi1pbmNyDAsSA0FwcBiJkfIUDA","name":"Weather Up There",
        "cat":["IAB15","IAB15-10"],"ver":"1.0.2","bundle":"12345","keywords":"weather,hiking",
        "storeurl":"https://store.example/id628677149","publisher":{"id":"agltb3B1Yi1pb",
        "name":"weather","domain":"www.weather.example"},
        "content":{"id":"c","title":"The weekend in the hills","keywords":"huts,passes,boots"}},
        "device":{"dnt":0,"lmt":0,"ua":"Mozilla/5.0 (iPhone; CPU iPhone OS 16_1 like Mac OS X)",
        "ip":"192.0.2.17","ifa":"AA000DFE74168477C70D291f574D344790E0BB11","language":"en",
        "make":"Apple","model":"iPhone","os":"iOS","osv":"16.1","js":1,"connectiontype":3,
        "devicetype":1,"geo":{"lat":35.012345,"lon":-115.12345,"country":"USA","region":"CA",
        "city":"Los Angeles","zip":"90049"}},
        "user":{"id":"ffffffd5135596709273b3a1a07e466ea2bf4fff","buyeruid":"u42",
        "data":[{"id":"6","name":"Data Provider 1","segment":[{"id":"1","value":"30-40"}]}]},
        "regs":{"coppa":0,"gdpr":0,"gpp":"DBABLA~BVVqAAAAAmA.QA","gpp_sid":[7]},
        "source":{"tid":"0af2","schain":{"complete":1,"ver":"1.0","nodes":[{"asi":"a.example",
        "sid":"1","hp":1}]}}}
        """

    static func main() throws {
        let files = CommandLine.arguments.dropFirst()
        let requests = files.isEmpty ? [Array(sample.utf8)] : try files.map(read)
        for (index, bytes) in requests.enumerated() {
            print(files.isEmpty ? "a request of" : "\(Array(files)[index]),", bytes.count, "bytes")
            measure(bytes)
        }
    }

    private static func measure(_ bytes: [UInt8]) {
        guard var parser = JSONParser(),
            let bare = unsafe fast_json_create(
                Limits.bidRequestBytesMax, Limits.bidRequestDepthMax)
        else { preconditionFailure("out of memory") }
        defer { unsafe fast_json_destroy(bare) }
        var fault = unsafe fast_json_fault()
        let simdjson = median {
            unsafe fast_json_parse(bare, bytes, bytes.count, &fault) == FAST_JSON_OK ? 1 : 0
        }
        let plain = median {
            unsafe fast_json_parse_plainly(bare, bytes, bytes.count, &fault) == FAST_JSON_OK ? 1 : 0
        }
        let read = median {
            (try? BidRequest.read(bytes.span, with: &parser))?.impressions.count ?? 0
        }
        let decided = median {
            guard let request = try? BidRequest.read(bytes.span, with: &parser) else { return 0 }
            return BidPlan(request, settings: BidSettings(), clock: .zero).slots.count + 1
        }
        show("a bare pass of simdjson", simdjson, bytes.count)
        show("the plain reader", plain, bytes.count)
        show("read to a BidRequest", read, bytes.count)
        show("and decided to a BidPlan", decided, bytes.count)
    }

    private static func show(_ what: String, _ nanoseconds: Double, _ count: Int) {
        let perSecond = Int(1e9 / nanoseconds)
        let name = what + String(repeating: " ", count: max(0, 28 - what.count))
        print(
            "  \(name)\(perSecond) a second, \(Int(nanoseconds)) ns, "
                + "\(Int(Double(count) / nanoseconds * 1_000)) MB/s")
    }

    /// Nanoseconds of one call.
    private static func median(_ body: () -> Int) -> Double {
        var times: [Double] = []
        var sum = 0
        for _ in 0..<rounds {
            let start = now()
            for _ in 0..<repetitions { sum += body() }
            times.append((now() - start) / Double(repetitions))
        }
        precondition(sum > 0, "the request cannot be read")
        return times.sorted()[rounds / 2]
    }

    private static func now() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }

    private static func read(_ path: String) throws -> [UInt8] {
        guard let file = unsafe fopen(path, "rb") else { throw NoFile(path: path) }
        defer { unsafe fclose(file) }
        var bytes = [UInt8](repeating: 0, count: Limits.bidRequestBytesMax)
        let count = unsafe fread(&bytes, 1, bytes.count, file)
        return Array(bytes[..<count])
    }

    private struct NoFile: Error { let path: String }
}
