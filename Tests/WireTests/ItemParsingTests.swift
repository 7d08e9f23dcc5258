import Domain
import Testing
import Wire

@Suite("Item commands")
struct ItemParsingTests {
    @Test("add an item with nothing but its kind")
    func smallestItem() throws {
        let draft = ItemDraft(id: try ItemID("ad:1"), kind: try Kind("ad"))
        #expect(try parse(["ITEM.ADD ad:1 KIND Ad"]) == .itemAdd(draft))
    }

    @Test("add an item with every attribute, in any order")
    func fullItem() throws {
        var draft = ItemDraft(id: try ItemID("ad:1"), kind: try Kind("ad"))
        draft.text = "Waterproof boots, spring sale"
        draft.vectors = [
            try SpaceVector(space: .taste, values: [0.5, -1]),
            try SpaceVector(space: .text, values: [1]),
        ]
        draft.signalVector = try SpaceVector(space: .taste, values: [0, 0.25])
        draft.author = try AuthorID("Shop/9")
        draft.bidMicros = 2_500_000
        draft.prior = 0.02
        draft.topics = ["hiking boots", "shoes"]
        draft.created = try Timestamp("2025-12-16T00:00:00Z")
        draft.expires = try Timestamp(milliseconds: Limits.timeMillisecondsMax)
        draft.regions = [try Region("US"), try Region("CA")]
        draft.languages = [try Language("en"), try Language("de")]
        draft.declaration.domains = ["shop.example", "www.boots_9.example"]
        draft.declaration.categories = ["IAB18-1", "483"]
        draft.declaration.taxonomy = 7
        draft.declaration.creative = try CreativeID("spring/7")
        let words: [Words] = [
            "ITEM.ADD ad:1 ADOMAIN shop.example,WWW.Boots_9.example CRID spring/7 CATTAX 7",
            "CAT IAB18-1,483 LANGS en,DE-at REGIONS us,CA EXPIRES 253402300799999",
            "CREATED 2025-12-16T00:00Z TOPICS", .one("hiking boots,shoes"),
            "PRIOR 2e-2 BID 2500000 AUTHOR Shop/9 SIGNALVECTOR taste", .floats(0, 0.25),
            "VECTOR taste", .floats(0.5, -1), "VECTOR TEXT", .floats(1),
            "TEXT", .one("Waterproof boots, spring sale"), "KIND ad",
        ]
        #expect(try parse(words) == .itemAdd(draft))
    }

    @Test("take empty lists and the largest bid")
    func edges() throws {
        var draft = ItemDraft(id: try ItemID("i"), kind: try Kind("post"))
        draft.bidMicros = Limits.bidMicrosMax
        draft.text = ""
        let words: [Words] = [
            "ITEM.ADD i KIND post BID 1000000000000 TEXT", .one(""), "TOPICS", .one(""), "REGIONS",
            .one(""), "LANGS", .one(""),
        ]
        #expect(try parse(words) == .itemAdd(draft))
    }

    @Test("get one item and delete many")
    func getAndDelete() throws {
        #expect(try parse(["ITEM.GET a"]) == .itemGet(try ItemID("a")))
        #expect(
            try parse(["ITEM.DEL a b a"])
                == .itemDelete([try ItemID("a"), try ItemID("b"), try ItemID("a")]))
    }

    @Test("say what is wrong", arguments: badItems)
    func errors(_ bad: BadCommand) {
        #expect(errorMessage(bad.words) == bad.message)
    }
}

private let manyTopics = [String](repeating: "t", count: 17).joined(separator: ",")
private let manyRegions = [String](repeating: "US", count: 257).joined(separator: ",")
private let manyLanguages = [String](repeating: "en", count: 33).joined(separator: ",")
private let longWord = String(repeating: "k", count: 65)

private let badItems: [BadCommand] = [
    BadCommand("ITEM.ADD a KIND", "ERR wrong number of arguments for 'item.add' command"),
    BadCommand("ITEM.GET", "ERR wrong number of arguments for 'item.get' command"),
    BadCommand("ITEM.GET a b", "ERR wrong number of arguments for 'item.get' command"),
    BadCommand("ITEM.DEL", "ERR wrong number of arguments for 'item.del' command"),
    BadCommand(
        "ITEM.ADD a BID 5",
        "ERR missing option 'KIND' for 'item.add' command, which is written: "
            + CommandTable.row(of: .itemAdd).usage),
    BadCommand(
        "ITEM.ADD a KIND ad COLOUR red", "ERR unknown option 'COLOUR' for 'item.add' command"),
    BadCommand("ITEM.ADD a KIND ad AT 5", "ERR unknown option 'AT' for 'item.add' command"),
    BadCommand(
        "ITEM.ADD a KIND ad kind post", "ERR duplicate option 'KIND' for 'item.add' command"),
    BadCommand(
        "ITEM.ADD a KIND ad BID", "ERR missing value of option 'BID' for 'item.add' command"),
    BadCommand(
        ["ITEM.ADD", .one("a b"), "KIND ad"],
        "ERR invalid id for 'item.add' command: identifier must be UTF-8 without spaces or control "
            + "characters"),
    BadCommand(
        ["ITEM.ADD", .bytes([0x80]), "KIND ad"],
        "ERR invalid id for 'item.add' command: identifier must be UTF-8 without spaces or control "
            + "characters"),
    BadCommand(
        ["ITEM.DEL a", .bytes([UInt8](repeating: 97, count: 129))],
        "ERR invalid id for 'item.del' command: identifier has 129 bytes, expected 1 to 128"),
    BadCommand(
        ["ITEM.ADD a KIND", .one("an ad")],
        "ERR invalid KIND for 'item.add' command: 'an ad' is not a name: expected 1 to 64 letters, "
            + "digits, '-', '_', '.' or ':'"),
    BadCommand(
        .split("ITEM.ADD a KIND \(longWord)"),
        "ERR invalid KIND for 'item.add' command: '\(longWord)' is not a name: expected 1 to 64 "
            + "letters, digits, '-', '_', '.' or ':'"),
    BadCommand(
        ["ITEM.ADD a KIND ad TEXT", .bytes([0xFF])],
        "ERR invalid TEXT for 'item.add' command: text is not valid UTF-8"),
    BadCommand(
        ["ITEM.ADD a KIND ad TEXT", .bytes([UInt8](repeating: 97, count: 16_385))],
        "ERR invalid TEXT for 'item.add' command: text has 16385 bytes, at most 16384"),
    BadCommand(
        "ITEM.ADD a KIND ad BID -1",
        "ERR invalid BID for 'item.add' command: '-1' is not a whole number from 0 to 1000000000000"
    ),
    BadCommand(
        "ITEM.ADD a KIND ad BID 1.5",
        "ERR invalid BID for 'item.add' command: '1.5' is not a whole number from 0 to "
            + "1000000000000"),
    BadCommand(
        "ITEM.ADD a KIND ad PRIOR 1",
        "ERR invalid PRIOR for 'item.add' command: '1' is not a probability between 0 and 1, both "
            + "excluded"),
    BadCommand(
        "ITEM.ADD a KIND ad PRIOR nan",
        "ERR invalid PRIOR for 'item.add' command: 'nan' is not a finite decimal number"),
    BadCommand(
        "ITEM.ADD a KIND ad PRIOR 0x1p-2",
        "ERR invalid PRIOR for 'item.add' command: '0x1p-2' is not a finite decimal number"),
    BadCommand(
        ["ITEM.ADD a KIND ad PRIOR", .one("0." + String(repeating: "3", count: 200))],
        "ERR invalid PRIOR for 'item.add' command: '0." + String(repeating: "3", count: 126)
            + "' is not a finite decimal number"),
    BadCommand(
        .split("ITEM.ADD a KIND ad TOPICS \(manyTopics)"),
        "ERR invalid TOPICS for 'item.add' command: too many topics: at most 16"),
    BadCommand(
        "ITEM.ADD a KIND ad TOPICS a,,b",
        "ERR invalid TOPICS for 'item.add' command: '' is not the name of a topic: expected 1 to "
            + "128 bytes of UTF-8"),
    BadCommand(
        .split("ITEM.ADD a KIND ad REGIONS \(manyRegions)"),
        "ERR invalid REGIONS for 'item.add' command: too many regions: at most 256"),
    BadCommand(
        "ITEM.ADD a KIND ad REGIONS US,",
        "ERR invalid REGIONS for 'item.add' command: '' is not a region: expected two letters of "
            + "ISO 3166, or 'unknown'"),
    BadCommand(
        .split("ITEM.ADD a KIND ad LANGS \(manyLanguages)"),
        "ERR invalid LANGS for 'item.add' command: too many languages: at most 32"),
    BadCommand(
        "ITEM.ADD a KIND ad LANGS english",
        "ERR invalid LANGS for 'item.add' command: 'english' is not a language: expected two "
            + "letters of ISO 639"),
    BadCommand(
        "ITEM.ADD a KIND ad ADOMAIN shop..example",
        "ERR invalid ADOMAIN for 'item.add' command: 'shop..example' is not a domain: expected "
            + "labels of letters, digits, '-' and '_', parted by '.'"),
    BadCommand(
        "ITEM.ADD a KIND ad ADOMAIN https://shop.example",
        "ERR invalid ADOMAIN for 'item.add' command: 'https://shop.example' is not a domain: "
            + "expected labels of letters, digits, '-' and '_', parted by '.'"),
    BadCommand(
        "ITEM.ADD a KIND ad ADOMAIN a,b,c,d,e,f,g,h,i",
        "ERR invalid ADOMAIN for 'item.add' command: too many domains: at most 8"),
    BadCommand(
        "ITEM.ADD a KIND ad CAT IAB1.2",
        "ERR invalid CAT for 'item.add' command: 'IAB1.2' is not a category: expected 1 to 32 "
            + "letters, digits or '-'"),
    BadCommand(
        "ITEM.ADD a KIND ad CATTAX 0",
        "ERR invalid CATTAX for 'item.add' command: '0' is not a whole number from 1 to 65535"),
    BadCommand(
        "ITEM.ADD a KIND ad EXPIRES 2025-02-29T00:00:00Z",
        "ERR invalid EXPIRES for 'item.add' command: '2025-02-29T00:00:00Z' is not a time: "
            + "expected ISO 8601 with Z or milliseconds since 1970, up to the year 9999"),
    BadCommand(
        "ITEM.ADD a KIND ad CREATED 10000-01-01T00:00:00Z",
        "ERR invalid CREATED for 'item.add' command: '10000-01-01T00:00:00Z' is not a time: "
            + "expected ISO 8601 with Z or milliseconds since 1970, up to the year 9999"),
    BadCommand(
        ["ITEM.ADD a KIND ad VECTOR taste", .floats(1), "VECTOR taste", .floats(1)],
        "ERR duplicate option 'VECTOR taste' for 'item.add' command"),
    BadCommand(
        ["ITEM.ADD a KIND ad SIGNALVECTOR text", .floats(1)],
        "ERR invalid SIGNALVECTOR for 'item.add' command: only the taste space has signal vectors"),
    BadCommand(
        ["ITEM.ADD a KIND ad VECTOR colour", .floats(1)],
        "ERR invalid VECTOR for 'item.add' command: unknown space 'colour': expected text or taste"),
    BadCommand(
        "ITEM.ADD a KIND ad VECTOR taste",
        "ERR missing value of option 'VECTOR' for 'item.add' command"),
    BadCommand(
        ["ITEM.ADD a KIND ad VECTOR taste", .bytes([0, 0, 0])],
        "ERR invalid VECTOR for 'item.add' command: the taste vector has 3 bytes, not a multiple "
            + "of 4"),
    BadCommand(
        ["ITEM.ADD a KIND ad VECTOR taste", .floats(1, -1.0000001)],
        "ERR invalid VECTOR for 'item.add' command: value 1 of the taste vector is -1.0000001, "
            + "outside -1 to 1"),
    BadCommand(
        ["ITEM.ADD a KIND ad VECTOR taste", .floats(.nan)],
        "ERR invalid VECTOR for 'item.add' command: value 0 of the taste vector is not finite"),
    BadCommand(
        ["ITEM.ADD a KIND ad VECTOR text", .floats(0, -0.0)],
        "ERR invalid VECTOR for 'item.add' command: the text vector is empty or all zero"),
]
