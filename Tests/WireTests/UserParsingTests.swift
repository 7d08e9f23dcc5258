import Domain
import Testing
import Wire

@Suite("User commands and signals")
struct UserParsingTests {
    @Test("set what they name and leave the rest")
    func userSet() throws {
        var change = UserChange(user: try UserID("u42"))
        change.region = try Region("US")
        #expect(try parse(["USER.SET u42 REGION us"]) == .userSet(change))
        change.notice = try Timestamp("2025-10-07T00:00:00Z")
        change.links = [try Product("app-a"), try Product("app-b")]
        change.language = try Language("en")
        change.at = .zero
        #expect(
            try parse([
                "user.set u42 AT 1970-01-01T00:00:00.000Z LANG en-GB LINKS App-A,app-b",
                "NOTICE 2025-10-07T00:00:00Z REGION US",
            ]) == .userSet(change))
    }

    @Test("cut all links with an empty list, which is not the same as none")
    func cutLinks() throws {
        var change = UserChange(user: try UserID("u"))
        change.links = []
        #expect(try parse(["USER.SET u LINKS", .one("")]) == .userSet(change))
    }

    @Test("get a user")
    func userGet() throws {
        #expect(try parse(["USER.GET u"]) == .userGet(try UserID("u")))
    }

    @Test("say what a user asks for")
    func controls() throws {
        let user = try UserID("u")
        let cases: [([Words], Command)] = [
            (["SUPPRESS u topic", .one("trail running")], .suppress(user, topic: "trail running")),
            (["unsuppress u TOPIC a"], .unsuppress(user, topic: "a")),
            (["RETRACT u e-1"], .retract(user, event: try EventID("e-1"))),
            (["forget u"], .forget(user)),
            (["Export u"], .export(user)),
        ]
        for (words, command) in cases { #expect(try parse(words) == command) }
    }

    @Test("take signals about an item, a text, a topic and a vector")
    func signals() throws {
        let user = try UserID("u")
        let vector = try SpaceVector(space: .taste, values: [1, 0])
        let cases: [([Words], SignalDraft.About)] = [
            (["SIGNAL u like ITEM ad:1"], .item(try ItemID("ad:1"))),
            (["signal u LIKE text", .one("a b")], .text("a b")),
            (["SIGNAL u Like TOPIC", .one("trail running")], .topic("trail running")),
            (["SIGNAL u LIKE VECTOR taste", .floats(1, 0)], .vector(vector)),
        ]
        for (words, about) in cases {
            let draft = SignalDraft(user: user, type: .like, about: about)
            #expect(try parse(words) == .signal(draft))
        }
    }

    @Test("take every type of signal", arguments: SignalType.allCases)
    func signalTypes(_ type: SignalType) throws {
        let draft = SignalDraft(user: try UserID("u"), type: type, about: .topic("a"))
        #expect(try parse([.split("SIGNAL u \(type.word.lowercased()) TOPIC a")]) == .signal(draft))
    }

    @Test("take every option of a signal")
    func signalOptions() throws {
        var draft = SignalDraft(user: try UserID("u"), type: .chat, about: .text("planning a hike"))
        draft.at = try Timestamp(milliseconds: 5)
        draft.event = try EventID("e-1")
        draft.modality = .voice
        draft.product = try Product("assistant")
        draft.label = .sensitive(.health)
        let words: [Words] = [
            "SIGNAL u CHAT SENSITIVE Health PRODUCT Assistant MODALITY VOICE ID e-1 AT 5 TEXT",
            .one("planning a hike"),
        ]
        #expect(try parse(words) == .signal(draft))
        draft = SignalDraft(user: try UserID("u"), type: .chat, about: .topic("a"))
        draft.label = SignalDraft.Label.none
        #expect(try parse(["SIGNAL u CHAT TOPIC a SENSITIVE none MODALITY text"]) == .signal(draft))
    }

    @Test("say what is wrong", arguments: badUsers)
    func errors(_ bad: BadCommand) {
        #expect(errorMessage(bad.words) == bad.message)
    }
}

private let time =
    "is not a time: expected ISO 8601 with Z or milliseconds since 1970, up to the year 9999"
private let manyProducts = [String](repeating: "p", count: 33).joined(separator: ",")

private let badUsers: [BadCommand] = [
    BadCommand("USER.SET u", "ERR wrong number of arguments for 'user.set' command"),
    BadCommand("USER.GET", "ERR wrong number of arguments for 'user.get' command"),
    BadCommand("USER.SET u REGION US AGE 5", "ERR unknown option 'AGE' for 'user.set' command"),
    BadCommand("USER.SET u LANG en LANG de", "ERR duplicate option 'LANG' for 'user.set' command"),
    BadCommand(
        "USER.SET u LANG en REGION",
        "ERR missing value of option 'REGION' for 'user.set' command"),
    BadCommand(
        "USER.SET u REGION Germany",
        "ERR invalid REGION for 'user.set' command: 'Germany' is not a region: expected two "
            + "letters of ISO 3166, or 'unknown'"),
    BadCommand(
        "USER.SET u NOTICE 2025-10-07",
        "ERR invalid NOTICE for 'user.set' command: '2025-10-07' \(time)"),
    BadCommand(
        "USER.SET u NOTICE 2025-10-07T00:00:00+01:00",
        "ERR invalid NOTICE for 'user.set' command: '2025-10-07T00:00:00+01:00' \(time)"),
    BadCommand(
        "USER.SET u AT 1969-12-31T23:59:59Z",
        "ERR invalid AT for 'user.set' command: '1969-12-31T23:59:59Z' \(time)"),
    BadCommand(
        "USER.SET u AT 99999999999999999999",
        "ERR invalid AT for 'user.set' command: '99999999999999999999' \(time)"),
    BadCommand(
        .split("USER.SET u LINKS \(manyProducts)"),
        "ERR invalid LINKS for 'user.set' command: too many products: at most 32"),
    BadCommand("SUPPRESS u TOPIC", "ERR wrong number of arguments for 'suppress' command"),
    BadCommand(
        "SUPPRESS u TOPIC a b", "ERR wrong number of arguments for 'suppress' command"),
    BadCommand("SUPPRESS u ITEM a", "ERR unknown option 'ITEM' for 'suppress' command"),
    BadCommand("UNSUPPRESS u TOPICAL a", "ERR unknown option 'TOPICAL' for 'unsuppress' command"),
    BadCommand(
        ["UNSUPPRESS u TOPIC", .one("")],
        "ERR invalid TOPIC for 'unsuppress' command: '' is not the name of a topic: expected 1 to "
            + "128 bytes of UTF-8"),
    BadCommand("RETRACT u", "ERR wrong number of arguments for 'retract' command"),
    BadCommand(
        ["RETRACT u", .one("a b")],
        "ERR invalid event for 'retract' command: identifier must be UTF-8 without spaces or "
            + "control characters"),
    BadCommand("FORGET", "ERR wrong number of arguments for 'forget' command"),
    BadCommand("FORGET u v", "ERR wrong number of arguments for 'forget' command"),
    BadCommand(
        ["EXPORT", .one("")],
        "ERR invalid user for 'export' command: identifier has 0 bytes, expected 1 to 128"),
    BadCommand("SIGNAL u LIKE", "ERR wrong number of arguments for 'signal' command"),
    BadCommand("SIGNAL u LIKE ITEM", "ERR wrong number of arguments for 'signal' command"),
    BadCommand(
        "SIGNAL u LIKE AT 5",
        "ERR missing option 'ITEM, TEXT, TOPIC or VECTOR' for 'signal' command, which is written: "
            + CommandTable.row(of: .signal).usage),
    BadCommand(
        "SIGNAL u LOVE ITEM a", "ERR invalid type for 'signal' command: unknown signal type 'LOVE'"),
    BadCommand(
        "SIGNAL u LIKE ITEM a TOPIC b",
        "ERR invalid TOPIC for 'signal' command: only one of ITEM, TEXT, TOPIC and VECTOR may be "
            + "given"),
    BadCommand("SIGNAL u LIKE ITEM a ITEM b", "ERR duplicate option 'ITEM' for 'signal' command"),
    BadCommand(
        "SIGNAL u LIKE ITEM a REGION US", "ERR unknown option 'REGION' for 'signal' command"),
    BadCommand(
        ["SIGNAL u CHAT TEXT", .bytes([0xED, 0xA0, 0x80])],
        "ERR invalid TEXT for 'signal' command: text is not valid UTF-8"),
    BadCommand(
        "SIGNAL u CHAT TOPIC a MODALITY video",
        "ERR invalid MODALITY for 'signal' command: unknown modality 'video': expected text or "
            + "voice"),
    BadCommand(
        "SIGNAL u CHAT TOPIC a SENSITIVE money",
        "ERR invalid SENSITIVE for 'signal' command: unknown sensitive label 'money'"),
    BadCommand(
        ["SIGNAL u LIKE ITEM a ID", .one("")],
        "ERR invalid ID for 'signal' command: identifier has 0 bytes, expected 1 to 128"),
    BadCommand(
        ["SIGNAL u LIKE VECTOR taste", .floats(.infinity)],
        "ERR invalid VECTOR for 'signal' command: value 0 of the taste vector is not finite"),
]
