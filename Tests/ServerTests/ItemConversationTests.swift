import Testing

/// `ITEM.ADD`, `ITEM.GET` and `ITEM.DEL`.
@Suite struct ItemConversationTests {
    @Test(arguments: [
        Conversation(
            "an item with everything",
            [
                .init(
                    "ITEM.ADD ad:1 KIND ad TEXT \"Red boots\" AUTHOR shop BID 2500000 PRIOR 0.25 "
                        + "CREATED 2026-01-01T00:00:00Z EXPIRES 4102444800000 REGIONS us,ca "
                        + "LANGS en,fr ADOMAIN Shop.example,boots.example CAT IAB18-1,IAB22 "
                        + "CATTAX 7 CRID spring/7",
                    "+OK"),
                .init(
                    "ITEM.GET ad:1",
                    is: [
                        "id": "ad:1", "kind": "ad", "text": "Red boots", "author": "shop",
                        "bid": 2_500_000, "prior": 0.25, "topics": [],
                        "created": "2026-01-01T00:00:00Z", "expires": "2100-01-01T00:00:00Z",
                        "regions": ["US", "CA"], "languages": ["en", "fr"],
                        "domains": ["shop.example", "boots.example"],
                        "categories": ["IAB18-1", "IAB22"], "taxonomy": 7,
                        "creative": "spring/7", "flagged": nil,
                    ]),
                .init("ITEM.ADD ad:1 KIND ad", "+OK"),
                .init(
                    "ITEM.GET ad:1",
                    is: [
                        "id": "ad:1", "kind": "ad", "text": nil, "author": nil, "bid": 0,
                        "prior": nil, "topics": [], "created": nil, "expires": nil,
                        "regions": [], "languages": [], "domains": [],
                        "categories": [], "taxonomy": 1, "creative": nil, "flagged": nil,
                    ]),
                .init("ITEM.DEL ad:1 nosuch ad:1", ":1"),
                .init("ITEM.GET ad:1", "nil"),
                .init("ITEM.DEL ad:1", ":0"),
            ]),
        Conversation(
            "words in any case and order",
            [
                .init("item.add ß:1 prior 0.5 kind POST", "+OK"),
                .init(
                    "Item.Get ß:1",
                    is: [
                        "id": "ß:1", "kind": "post", "text": nil, "author": nil, "bid": 0,
                        "prior": 0.5, "topics": [], "created": nil, "expires": nil,
                        "regions": [], "languages": [], "domains": [],
                        "categories": [], "taxonomy": 1, "creative": nil, "flagged": nil,
                    ]),
            ]),
        Conversation(
            "vectors",
            [
                .init(words(of: "ITEM.ADD v KIND post VECTOR taste", Blob.axis(3)), "+OK"),
                .init(
                    words(
                        of: "ITEM.ADD v KIND post VECTOR taste", Blob.axis(3), "VECTOR text")
                        + [Blob.axis(1)] + words(of: "SIGNALVECTOR taste", Blob.axis(0)),
                    "+OK"),
                .init(
                    words(of: "ITEM.ADD v KIND post VECTOR taste", Blob.axis(3, of: 64)),
                    "-ERR the taste space has 128 dimensions, the vector has 64"),
                .init(
                    words(of: "ITEM.ADD v KIND post VECTOR text", Blob.axis(3, of: 129)),
                    "-ERR the text space has 128 dimensions, the vector has 129"),
                .init(
                    words(of: "ITEM.ADD v KIND post VECTOR taste", Blob.vector([.nan])),
                    "-ERR invalid VECTOR for 'item.add' command: value 0 of the taste vector is "
                        + "not finite"),
                .init(
                    words(of: "ITEM.ADD v KIND post VECTOR taste", Blob.vector([0, .infinity])),
                    "-ERR invalid VECTOR for 'item.add' command: value 1 of the taste vector is "
                        + "not finite"),
                .init(
                    words(of: "ITEM.ADD v KIND post VECTOR taste", Blob.vector([0, 1.5])),
                    "-ERR invalid VECTOR for 'item.add' command: value 1 of the taste vector is "
                        + "1.5, outside -1 to 1"),
                .init(
                    words(of: "ITEM.ADD v KIND post VECTOR taste", Blob.vector([0, 0])),
                    "-ERR invalid VECTOR for 'item.add' command: the taste vector is empty or all "
                        + "zero"),
                .init(
                    "ITEM.ADD v KIND post VECTOR taste abc",
                    "-ERR invalid VECTOR for 'item.add' command: the taste vector has 3 bytes, "
                        + "not a multiple of 4"),
                .init(
                    "ITEM.ADD v KIND post VECTOR smell abcd",
                    "-ERR invalid VECTOR for 'item.add' command: unknown space 'smell': expected "
                        + "text or taste"),
                .init(
                    words(of: "ITEM.ADD v KIND post SIGNALVECTOR text", Blob.axis(0)),
                    "-ERR invalid SIGNALVECTOR for 'item.add' command: only the taste space has "
                        + "signal vectors"),
                .init(
                    words(of: "ITEM.ADD v KIND post VECTOR text", Blob.axis(0), "VECTOR text")
                        + [Blob.axis(0)],
                    "-ERR duplicate option 'VECTOR text' for 'item.add' command"),
            ]),
        Conversation(
            "what is wrong, and where",
            [
                .init("ITEM.ADD", "-ERR wrong number of arguments for 'item.add' command"),
                .init(
                    "ITEM.ADD a TEXT b",
                    "-ERR missing option 'KIND' for 'item.add' command, which is written: "
                        + "ITEM.ADD id KIND kind [TEXT text] [VECTOR text|taste blob]... "
                        + "[SIGNALVECTOR taste blob] [AUTHOR author] [BID micros] "
                        + "[PRIOR probability] [TOPICS topic,topic] [CREATED time] "
                        + "[EXPIRES time] [REGIONS region,region] [LANGS language,language] "
                        + "[ADOMAIN domain,domain] [CAT category,category] [CATTAX taxonomy] [CRID creative]"
                ),
                .init("ITEM.ADD a KIND wombat", "-ERR unknown kind 'wombat': no surface ranks it"),
                .init(
                    "ITEM.ADD a KIND po/st",
                    "-ERR invalid KIND for 'item.add' command: 'po/st' is not a name: expected 1 "
                        + "to 64 letters, digits, '-', '_', '.' or ':'"),
                .init(
                    "ITEM.ADD a KIND post COLOUR red",
                    "-ERR unknown option 'COLOUR' for 'item.add' command"),
                .init(
                    "ITEM.ADD a KIND post SURFACE feed",
                    "-ERR unknown option 'SURFACE' for 'item.add' command"),
                .init(
                    "ITEM.ADD a KIND post KIND ad",
                    "-ERR duplicate option 'KIND' for 'item.add' command"),
                .init(
                    "ITEM.ADD a KIND post BID",
                    "-ERR missing value of option 'BID' for 'item.add' command"),
                .init(
                    "ITEM.ADD a KIND post BID 1.5",
                    "-ERR invalid BID for 'item.add' command: '1.5' is not a whole number from 0 "
                        + "to 1000000000000"),
                .init(
                    "ITEM.ADD a KIND post PRIOR 1",
                    "-ERR invalid PRIOR for 'item.add' command: '1' is not a probability between "
                        + "0 and 1, both excluded"),
                .init(
                    "ITEM.ADD a KIND post PRIOR nan",
                    "-ERR invalid PRIOR for 'item.add' command: 'nan' is not a finite decimal "
                        + "number"),
                .init(
                    "ITEM.ADD a KIND post CREATED yesterday",
                    "-ERR invalid CREATED for 'item.add' command: 'yesterday' is not a time: "
                        + "expected ISO 8601 with Z or milliseconds since 1970, up to the year "
                        + "9999"),
                .init(
                    "ITEM.ADD a KIND post REGIONS us,usa",
                    "-ERR invalid REGIONS for 'item.add' command: 'usa' is not a region: expected "
                        + "two letters of ISO 3166, or 'unknown'"),
                .init(
                    "ITEM.ADD a KIND post LANGS e1",
                    "-ERR invalid LANGS for 'item.add' command: 'e1' is not a language: expected "
                        + "two letters of ISO 639"),
                .init(
                    "ITEM.ADD a KIND post TOPICS wormholes",
                    "-ERR unknown topic 'wormholes'"),
                .init(
                    words(of: "ITEM.ADD a KIND post TEXT", [0xC3, 0x28]),
                    "-ERR invalid TEXT for 'item.add' command: text is not valid UTF-8"),
                .init(
                    words(of: "ITEM.ADD a KIND post TEXT", Array(repeating: 97, count: 16_385)),
                    "-ERR invalid TEXT for 'item.add' command: text has 16385 bytes, at most "
                        + "16384"),
                .init(
                    words(of: "ITEM.GET", Array(repeating: 97, count: 129)),
                    "-ERR invalid id for 'item.get' command: identifier has 129 bytes, expected 1 "
                        + "to 128"),
                .init(
                    "ITEM.ADD \"a b\" KIND post",
                    "-ERR invalid id for 'item.add' command: identifier must be UTF-8 without "
                        + "spaces or control characters"),
                .init(
                    "ITEM.DEL a \"\"",
                    "-ERR invalid id for 'item.del' command: identifier has 0 bytes, expected 1 "
                        + "to 128"),
                .init("ITEM.GET a", "nil"),
            ]),
    ])
    func `items are added, shown and removed`(_ conversation: Conversation) async throws {
        try await conversation.play()
    }
}
