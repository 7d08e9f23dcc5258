import Domain
import Testing
import Wire

/// A ranking request with its ranges read.
private struct Request: Equatable {
    enum Context: Equatable {
        case text(String), topic(String), item(String), vector(Space, bytes: Int)
    }
    enum Candidates: Equatable {
        case all, packed(bytes: Int), items([String]), one(String)
    }

    var user = "u"
    var surface = "feed"
    var at: Timestamp?
    var region: Region?
    var contexts: [Context] = []
    var top = Limits.topDefault
    var isFull = false
    var isJSON = false
    var candidates = Candidates.all

    init() {}

    init?(_ command: Command, _ arguments: CommandArguments) {
        switch command {
        case .rank(let rank), .recommend(let rank):
            self.init(rank.occasion, arguments)
            top = rank.top
            isFull = rank.isFull
            switch rank.candidates {
            case .all: candidates = .all
            case .packed(let range): candidates = .packed(bytes: arguments[range].count)
            case .items(let first, let count):
                candidates = .items(
                    (first..<first + count).map { String(repairing: arguments[$0]) })
            }
        case .explain(let explain), .whyNot(let explain):
            self.init(explain.occasion, arguments)
            isJSON = explain.isJSON
            candidates = .one(String(repairing: arguments[explain.item]))
        default: return nil
        }
    }

    private init(_ occasion: Occasion, _ arguments: CommandArguments) {
        user = String(repairing: arguments[occasion.user])
        surface = String(repairing: arguments[occasion.surface])
        at = occasion.at
        region = occasion.region
        for index in occasion.contexts.indices {
            switch occasion.contexts[index] {
            case .text(let range): contexts.append(.text(String(repairing: arguments[range])))
            case .topic(let range): contexts.append(.topic(String(repairing: arguments[range])))
            case .item(let range): contexts.append(.item(String(repairing: arguments[range])))
            case .vector(let space, let range):
                contexts.append(.vector(space, bytes: arguments[range].count))
            }
        }
    }

    static func with(_ change: (inout Request) throws -> Void) rethrows -> Request {
        var request = Request()
        try change(&request)
        return request
    }
}

@Suite("Ranking requests")
struct RequestParsingTests {
    private func request(_ words: Words...) throws -> Request? {
        try parse(words) { Request($0, $1) }
    }

    @Test("need only a user and a surface, and rank all items")
    func defaults() throws {
        #expect(try request("RANK u SURFACE feed") == Request())
        #expect(try request("rank u surface feed all") == Request())
    }

    @Test("take options in any order and case")
    func options() throws {
        let expected = try Request.with {
            $0.at = try Timestamp(milliseconds: 1_765_843_200_000)
            $0.region = try Region("US")
            $0.top = 7
            $0.isFull = true
            $0.candidates = .items(["a", "b", "SURFACE"])
        }
        #expect(
            try request(
                "RANK u SURFACE feed TOP 7 AT 2025-12-16T00:00:00Z REGION us FULL ITEMS a b SURFACE"
            ) == expected)
        #expect(
            try request(
                "rAnK u full region US at 1765843200000 top 7 surface feed items a b SURFACE")
                == expected)
    }

    @Test("take up to eight contexts of four sorts")
    func contexts() throws {
        let parsed = try request(
            "RANK u SURFACE feed CONTEXT TEXT", .one("rain in the Alps"), "CONTEXT topic hiking",
            "context ITEM group:alps CONTEXT VECTOR taste", .floats(0.5, -1), "TOP 3")
        #expect(
            parsed
                == Request.with {
                    $0.contexts = [
                        .text("rain in the Alps"), .topic("hiking"), .item("group:alps"),
                        .vector(.taste, bytes: 8),
                    ]
                    $0.top = 3
                })
        let eight = String(repeating: " CONTEXT TEXT a", count: Limits.contextsMax)
        #expect(try request("RANK u SURFACE feed", .split(eight))?.contexts.count == 8)
        #expect(
            errorMessage(["RANK u SURFACE feed CONTEXT TEXT a", .split(eight)])
                == "ERR invalid CONTEXT for 'rank' command: too many contexts: at most 8")
    }

    @Test("take packed candidates")
    func packed() throws {
        let blob = [UInt8](repeating: 1, count: 8 * Limits.candidatesMax)
        #expect(
            try request("RANK u SURFACE feed PACKED", .bytes(blob), "TOP 1")
                == Request.with {
                    $0.candidates = .packed(bytes: blob.count)
                    $0.top = 1
                })
        #expect(
            try request("RANK u SURFACE feed PACKED", .bytes([]))
                == Request.with { $0.candidates = .packed(bytes: 0) })
    }

    @Test("take as many items as the limit says")
    func itemLimit() throws {
        let ids = [Words](repeating: "a", count: Limits.candidatesMax)
        let count: Int? = try parse(["RANK u SURFACE feed ITEMS"] + ids) { command, _ in
            guard case .rank(let rank) = command,
                case .items(let first, let count) = rank.candidates
            else { return nil }
            #expect(first == 5)
            return count
        }
        #expect(count == Limits.candidatesMax)
        #expect(
            errorMessage(["RANK u SURFACE feed ITEMS a"] + ids)
                == "ERR invalid ITEMS for 'rank' command: too many candidates: at most 100000")
    }

    @Test("recommend with a number of results, and explain one item")
    func otherRequests() throws {
        #expect(
            try request("RECOMMEND u SURFACE feed TOP 10000 FULL")
                == Request.with {
                    $0.top = 10_000
                    $0.isFull = true
                })
        for name in ["EXPLAIN", "WHYNOT"] {
            #expect(
                try request(.split("\(name) u ad:1 AT 0 SURFACE ads FORMAT json REGION KR"))
                    == Request.with {
                        $0.surface = "ads"
                        $0.at = .zero
                        $0.region = try? Region("KR")
                        $0.isJSON = true
                        $0.candidates = .one("ad:1")
                    })
        }
    }

    @Test("hold their contexts in place, as many as the limit says")
    func contextCapacity() {
        var clauses = ContextClauses()
        let clause = ContextClause.text(ByteRange(offset: 0, count: 1))
        let taken = (0...Limits.contextsMax).map { _ in clauses.append(clause) }
        #expect(taken == [Bool](repeating: true, count: Limits.contextsMax) + [false])
        #expect(MemoryLayout<RankCommand>.size <= 256)
    }

    @Test("say what is wrong", arguments: badRequests)
    func errors(_ bad: BadCommand) {
        #expect(errorMessage(bad.words) == bad.message)
    }
}

private let longID = String(repeating: "i", count: Limits.identifierBytesMax + 1)

private let badRequests: [BadCommand] = [
    BadCommand("RANK", "ERR wrong number of arguments for 'rank' command"),
    BadCommand("RANK u feed", "ERR wrong number of arguments for 'rank' command"),
    BadCommand("RECOMMEND u SURFACE feed", "ERR wrong number of arguments for 'recommend' command"),
    BadCommand("explain u i feed", "ERR wrong number of arguments for 'explain' command"),
    BadCommand("RANK u TOP 5 FULL", usage("SURFACE", .rank)),
    BadCommand("RECOMMEND u SURFACE feed AT 5", usage("TOP", .recommend)),
    BadCommand("WHYNOT u i FORMAT JSON", usage("SURFACE", .whyNot)),
    BadCommand("RANK u SURFACE feed LIMIT 5", "ERR unknown option 'LIMIT' for 'rank' command"),
    BadCommand("RANK u SURFACE feed KIND ad", "ERR unknown option 'KIND' for 'rank' command"),
    BadCommand(
        "RECOMMEND u SURFACE feed TOP 5 ALL", "ERR unknown option 'ALL' for 'recommend' command"),
    BadCommand(
        "EXPLAIN u i SURFACE feed TOP 5", "ERR unknown option 'TOP' for 'explain' command"),
    BadCommand(
        "RANK u SURFACE feed TOP 5 top 6", "ERR duplicate option 'TOP' for 'rank' command"),
    BadCommand(
        "RANK u SURFACE feed TOP 5 FULL TOP 6", "ERR duplicate option 'TOP' for 'rank' command"),
    BadCommand(
        "RANK u SURFACE feed SURFACE ads", "ERR duplicate option 'SURFACE' for 'rank' command"),
    BadCommand("RANK u SURFACE feed FULL FULL", "ERR duplicate option 'FULL' for 'rank' command"),
    BadCommand("RANK u SURFACE feed TOP", "ERR missing value of option 'TOP' for 'rank' command"),
    BadCommand(
        "RANK u SURFACE feed CONTEXT", "ERR missing value of option 'CONTEXT' for 'rank' command"),
    BadCommand(
        "RANK u SURFACE feed CONTEXT VECTOR text",
        "ERR missing value of option 'CONTEXT' for 'rank' command"),
    BadCommand(
        "RANK u SURFACE feed ITEMS", "ERR missing value of option 'ITEMS' for 'rank' command"),
    BadCommand(
        "RANK u SURFACE feed TOP 0",
        "ERR invalid TOP for 'rank' command: '0' is not a whole number from 1 to 10000"),
    BadCommand(
        "RANK u SURFACE feed TOP 10001",
        "ERR invalid TOP for 'rank' command: '10001' is not a whole number from 1 to 10000"),
    BadCommand(
        "RANK u SURFACE feed TOP -1",
        "ERR invalid TOP for 'rank' command: '-1' is not a whole number from 1 to 10000"),
    BadCommand(
        "RANK u SURFACE feed TOP 99999999999999999999",
        "ERR invalid TOP for 'rank' command: '99999999999999999999' is not a whole number from 1 "
            + "to 10000"),
    BadCommand(
        "RANK u SURFACE feed AT yesterday",
        "ERR invalid AT for 'rank' command: 'yesterday' is not a time: expected ISO 8601 with Z "
            + "or milliseconds since 1970, up to the year 9999"),
    BadCommand(
        "RANK u SURFACE feed AT 253402300800000",
        "ERR invalid AT for 'rank' command: '253402300800000' is not a time: expected ISO 8601 "
            + "with Z or milliseconds since 1970, up to the year 9999"),
    BadCommand(
        "RANK u SURFACE feed AT -1",
        "ERR invalid AT for 'rank' command: '-1' is not a time: expected ISO 8601 with Z or "
            + "milliseconds since 1970, up to the year 9999"),
    BadCommand(
        "RANK u SURFACE feed REGION USA",
        "ERR invalid REGION for 'rank' command: 'USA' is not a region: expected two letters of "
            + "ISO 3166, or 'unknown'"),
    BadCommand(
        ["RANK", .one(""), "SURFACE feed"],
        "ERR invalid user for 'rank' command: identifier has 0 bytes, expected 1 to 128"),
    BadCommand(
        .split("RANK \(longID) SURFACE feed"),
        "ERR invalid user for 'rank' command: identifier has 129 bytes, expected 1 to 128"),
    BadCommand(
        ["RANK", .bytes([0x61, 0xFF]), "SURFACE feed"],
        "ERR invalid user for 'rank' command: identifier must be UTF-8 without spaces or control "
            + "characters"),
    BadCommand(
        ["EXPLAIN u", .one("a b"), "SURFACE feed"],
        "ERR invalid item for 'explain' command: identifier must be UTF-8 without spaces or "
            + "control characters"),
    BadCommand(
        .split("RANK u SURFACE feed ITEMS a \(longID)"),
        "ERR invalid ITEMS for 'rank' command: identifier has 129 bytes, expected 1 to 128"),
    BadCommand(
        ["RANK u SURFACE feed PACKED", .bytes([1, 2, 3])],
        "ERR invalid PACKED for 'rank' command: 3 bytes are not a multiple of 8"),
    BadCommand(
        ["RANK u SURFACE feed PACKED", .bytes([UInt8](repeating: 0, count: 800_008))],
        "ERR invalid PACKED for 'rank' command: too many candidates: at most 100000"),
    BadCommand(
        ["RANK u SURFACE feed PACKED", .bytes([]), "ALL"],
        "ERR invalid ALL for 'rank' command: only one of ALL, PACKED and ITEMS may be given"),
    BadCommand(
        "RANK u SURFACE feed ALL ITEMS a",
        "ERR invalid ITEMS for 'rank' command: only one of ALL, PACKED and ITEMS may be given"),
    BadCommand(
        "RANK u SURFACE feed CONTEXT MOOD happy",
        "ERR invalid CONTEXT for 'rank' command: expected TEXT, TOPIC, ITEM or VECTOR, got 'MOOD'"),
    BadCommand(
        ["RANK u SURFACE feed CONTEXT TEXT", .bytes([0xC3, 0x28])],
        "ERR invalid CONTEXT for 'rank' command: text is not valid UTF-8"),
    BadCommand(
        ["RANK u SURFACE feed CONTEXT TEXT", .bytes([UInt8](repeating: 97, count: 16_385))],
        "ERR invalid CONTEXT for 'rank' command: text has 16385 bytes, at most 16384"),
    BadCommand(
        ["RANK u SURFACE feed CONTEXT TOPIC", .one("")],
        "ERR invalid CONTEXT for 'rank' command: '' is not the name of a topic: expected 1 to 128 "
            + "bytes of UTF-8"),
    BadCommand(
        ["RANK u SURFACE feed CONTEXT VECTOR smell", .floats(1)],
        "ERR invalid CONTEXT for 'rank' command: unknown space 'smell': expected text or taste"),
    BadCommand(
        ["RANK u SURFACE feed CONTEXT VECTOR text", .bytes([1, 2, 3])],
        "ERR invalid CONTEXT for 'rank' command: the text vector has 3 bytes, not a multiple of 4"),
    BadCommand(
        ["RANK u SURFACE feed CONTEXT VECTOR text", .floats(0, .nan)],
        "ERR invalid CONTEXT for 'rank' command: value 1 of the text vector is not finite"),
    BadCommand(
        ["RANK u SURFACE feed CONTEXT VECTOR text", .floats(-.infinity)],
        "ERR invalid CONTEXT for 'rank' command: value 0 of the text vector is not finite"),
    BadCommand(
        ["RANK u SURFACE feed CONTEXT VECTOR taste", .floats(0, 1.5)],
        "ERR invalid CONTEXT for 'rank' command: value 1 of the taste vector is 1.5, outside -1 "
            + "to 1"),
    BadCommand(
        ["RANK u SURFACE feed CONTEXT VECTOR taste", .floats(0, 0)],
        "ERR invalid CONTEXT for 'rank' command: the taste vector is empty or all zero"),
    BadCommand(
        ["RANK u SURFACE feed CONTEXT VECTOR taste", .bytes([])],
        "ERR invalid CONTEXT for 'rank' command: the taste vector is empty or all zero"),
    BadCommand(
        "EXPLAIN u i SURFACE feed FORMAT XML",
        "ERR invalid FORMAT for 'explain' command: expected JSON"),
]

private func usage(_ option: String, _ name: CommandName) -> String {
    "ERR missing option '\(option)' for '\(name.lower)' command, which is written: "
        + CommandTable.row(of: name).usage
}
