import Testing

/// `USER.SET`, `USER.GET` and `SIGNAL`, as far as they need no reading of texts.
@Suite struct UserConversationTests {
    @Test(arguments: [
        Conversation(
            "users",
            [
                .init("USER.GET u", "nil"),
                .init(
                    "USER.SET u REGION uk NOTICE 2025-10-07T00:00:00Z LINKS chat,photos LANG en-GB "
                        + "AT 1735689600000",
                    "+OK"),
                .init("USER.SET u REGION US AT 2026-01-01T00:00:00.5Z", "+OK"),
                .init("SIGNAL u hide ITEM nosuch", "-ERR no item 'nosuch'"),
                .init("ITEM.ADD p KIND post", "+OK"),
                .init("SIGNAL u Hide ITEM p ID e1", "+USED"),
                .init(
                    "USER.GET u",
                    is: [
                        "id": "u", "region": "US",
                        "regions": [
                            ["from": "2025-01-01T00:00:00Z", "region": "GB"],
                            ["from": "2026-01-01T00:00:00.500Z", "region": "US"],
                        ],
                        "notice": "2025-10-07T00:00:00Z", "links": ["chat", "photos"],
                        "language": "en", "suppressed": [],
                        "signals": ["behaviour": 0, "views": 0, "negative": 1, "chat": 0],
                    ]),
                .init(
                    "USER.SET u REGION USA",
                    "-ERR invalid REGION for 'user.set' command: 'USA' is not a region: expected "
                        + "two letters of ISO 3166, or 'unknown'"),
                .init(
                    "USER.SET u REGION US REGION US",
                    "-ERR duplicate option 'REGION' for 'user.set' command"),
                .init("USER.SET u", "-ERR wrong number of arguments for 'user.set' command"),
                .init("USER.SET u KIND ad", "-ERR unknown option 'KIND' for 'user.set' command"),
                .init(
                    "USER.SET u NOTICE 2025-02-30T00:00:00Z",
                    "-ERR invalid NOTICE for 'user.set' command: '2025-02-30T00:00:00Z' is not a "
                        + "time: expected ISO 8601 with Z or milliseconds since 1970, up to the "
                        + "year 9999"),
            ]),
        Conversation(
            "a signal counts once",
            [
                .init("ITEM.ADD p KIND post", "+OK"),
                .init("SIGNAL u LIKE ITEM p ID e1 AT 2026-01-01T00:00:00Z", "+USED"),
                .init("SIGNAL u LIKE ITEM p ID e1", "+IGNORED duplicate"),
                .init("SIGNAL u VIEW ITEM p ID e1", "+IGNORED duplicate"),
                .init("SIGNAL v LIKE ITEM p ID e1", "+USED"),
                .init("SIGNAL u IMPRESSION ITEM p ID e2", "+USED"),
                .init("SIGNAL u IMPRESSION ITEM p ID e2", "+IGNORED duplicate"),
            ]),
        Conversation(
            "the gates of a chat, in their order",
            [
                .init("SIGNAL u CHAT TEXT hello", "+IGNORED region"),
                .init("USER.SET u REGION DE", "+OK"),
                .init("SIGNAL u CHAT TEXT hello", "+IGNORED region"),
                .init("USER.SET u REGION US AT 2020-01-01T00:00:00Z", "+OK"),
                .init("USER.SET v REGION US", "+OK"),
                .init("SIGNAL v CHAT TEXT hello AT 2025-12-15T23:59:59.999Z", "+IGNORED effective"),
                .init("SIGNAL v CHAT TEXT hello AT 2025-12-16T00:00:00Z", "+IGNORED notice"),
                .init("USER.SET v NOTICE 2026-01-01T00:00:00Z", "+OK"),
                .init("SIGNAL v CHAT TEXT hello AT 2025-12-31T23:59:59.999Z", "+IGNORED notice"),
                .init("SURFACE.SET feed PRODUCT app", "+OK"),
                .init("SURFACE.SET groups PRODUCT app", "+OK"),
                .init("SURFACE.SET ads PRODUCT app", "+OK"),
                .init(
                    "SIGNAL v CHAT TEXT xq AT 2026-01-01T00:00:00Z PRODUCT glasses",
                    "+IGNORED link"),
                .init("USER.SET v LINKS app,glasses", "+OK"),
                .init(
                    "SIGNAL v CHAT TEXT xq AT 2026-01-01T00:00:00Z PRODUCT glasses",
                    "+IGNORED language"),
                .init(
                    words(of: "SIGNAL v CHAT VECTOR text", Blob.axis(0)), "+IGNORED no-topic"),
                .init(
                    words(of: "SIGNAL v CHAT VECTOR text", Blob.axis(0), "SENSITIVE health"),
                    "+IGNORED sensitive"),
                .init(words(of: "SIGNAL v LIKE VECTOR text", Blob.axis(0)), "+USED"),
            ]),
        Conversation(
            "what is wrong with a signal",
            [
                .init("SIGNAL u LIKE", "-ERR wrong number of arguments for 'signal' command"),
                .init(
                    "SIGNAL u LOVE ITEM p",
                    "-ERR invalid type for 'signal' command: unknown signal type 'LOVE'"),
                .init(
                    "SIGNAL u LIKE ID e",
                    "-ERR missing option 'ITEM, TEXT, TOPIC or VECTOR' for 'signal' command, "
                        + "which is written: SIGNAL user type ITEM id | TEXT text | TOPIC topic | "
                        + "VECTOR text|taste blob [AT time] [ID event] [MODALITY text|voice] "
                        + "[PRODUCT product] [SENSITIVE label|none]"),
                .init(
                    "SIGNAL u LIKE ITEM p TEXT t",
                    "-ERR invalid TEXT for 'signal' command: only one of ITEM, TEXT, TOPIC and "
                        + "VECTOR may be given"),
                .init("SIGNAL u LIKE TOPIC wormholes", "-ERR unknown topic 'wormholes'"),
                .init(
                    "SIGNAL u CHAT TEXT t MODALITY smoke",
                    "-ERR invalid MODALITY for 'signal' command: unknown modality 'smoke': "
                        + "expected text or voice"),
                .init(
                    "SIGNAL u CHAT TEXT t SENSITIVE weather",
                    "-ERR invalid SENSITIVE for 'signal' command: unknown sensitive label "
                        + "'weather'"),
                .init(
                    "SIGNAL u CHAT TEXT t AT 9999-01-01T00:00:00Z",
                    "-ERR time 9999-01-01T00:00:00Z is more than 24 hours ahead"),
                .init(
                    "SIGNAL u CHAT TEXT t AT 253402300800000",
                    "-ERR invalid AT for 'signal' command: '253402300800000' is not a time: "
                        + "expected ISO 8601 with Z or milliseconds since 1970, up to the year "
                        + "9999"),
                .init(
                    words(of: "SIGNAL u LIKE VECTOR taste", Blob.axis(0, of: 16)),
                    "-ERR the taste space has 128 dimensions, the vector has 16"),
                .init("USER.GET u", "nil"),
            ]),
    ])
    func `users are set and their signals taken`(_ conversation: Conversation) async throws {
        try await conversation.play()
    }
}
