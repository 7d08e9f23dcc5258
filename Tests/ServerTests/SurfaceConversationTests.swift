import Testing

/// `SURFACE.SET`, `SURFACE.GET` and the loading of whole catalogues.
@Suite struct SurfaceConversationTests {
    @Test(arguments: [
        Conversation(
            "surfaces",
            [
                .init("SURFACE.GET", "[\"ads\", \"feed\", \"groups\"]"),
                .init("SURFACE.GET nosuch", "-ERR no surface 'nosuch'"),
                .init("SURFACE.SET reels LANE content", "-ERR surface 'reels' names no kinds"),
                .init(
                    "surface.set REELS kinds reel,clip prior 0.5 weight prior 2 weight fatigue -1 "
                        + "type like 0.5 halflife chat 60 halflife fatigue 0.5 shape views linear "
                        + "signals chat 8 floor 0.25 product photos",
                    "+OK"),
                .init("SURFACE.GET", "[\"ads\", \"feed\", \"groups\", \"reels\"]"),
                .init(
                    "SURFACE.GET Reels",
                    is: [
                        "name": "reels", "lane": "content", "product": "photos",
                        "kinds": ["reel", "clip"], "bias": 0.0, "prior": 0.5, "floor": 0.25,
                        "weights": [
                            "prior": 2.0, "freshness": 0.0, "follow": 0.0, "fatigue": -1.0,
                            "behaviour.text": 0.0, "behaviour.taste": 0.0, "views.text": 0.0,
                            "views.taste": 0.0, "negative.text": 0.0, "negative.taste": 0.0,
                            "chat.text": 0.0, "context.text": 0.0, "context.taste": 0.0,
                        ],
                        "types": [
                            "LIKE": 0.5, "FOLLOW": 1.0, "CLICK": 1.0, "SHARE": 1.0,
                            "COMMENT": 1.0, "PURCHASE": 1.0, "VIEW": 1.0, "HIDE": 1.0,
                            "REPORT": 1.0, "IMPRESSION": 1.0, "CHAT": 1.0,
                        ],
                        "half_lives": [
                            "behaviour": 2_592_000.0, "views": 2_592_000.0,
                            "negative": 2_592_000.0, "chat": 60.0, "context": 2_592_000.0,
                            "freshness": 604_800.0, "fatigue": 0.5,
                        ],
                        "shapes": [
                            "behaviour": "positive", "views": "linear", "negative": "positive",
                            "chat": "positive", "context": "positive",
                        ],
                        "signals": [
                            "behaviour": 128, "views": 32, "negative": 16, "chat": 8,
                            "context": 8,
                        ],
                    ]),
                .init("ITEM.ADD c KIND clip", "+OK"),
                .init("RANK u SURFACE reels", ranking: ["c": "0.5"]),
                .init("SURFACE.SET reels FLOOR 0.75", "+OK"),
                .init("RANK u SURFACE reels", ranking: [:]),
            ]),
        Conversation(
            "what is wrong with a surface",
            [
                .init(
                    "SURFACE.SET feed LANE fast",
                    "-ERR invalid LANE for 'surface.set' command: unknown lane 'fast': expected "
                        + "ads or content"),
                .init(
                    "SURFACE.SET feed WEIGHT love 1",
                    "-ERR invalid WEIGHT for 'surface.set' command: unknown term 'love': expected "
                        + "one of prior, freshness, follow, fatigue, behaviour.text, "
                        + "behaviour.taste, views.text, views.taste, negative.text, "
                        + "negative.taste, chat.text, context.text, context.taste"),
                .init(
                    "SURFACE.SET feed WEIGHT prior 1e7",
                    "-ERR invalid WEIGHT for 'surface.set' command: weight prior: 10000000.0 is "
                        + "not within +-1000000.0"),
                .init(
                    "SURFACE.SET feed BIAS inf",
                    "-ERR invalid BIAS for 'surface.set' command: 'inf' is not a finite decimal "
                        + "number"),
                .init(
                    "SURFACE.SET feed TYPE like 2",
                    "-ERR invalid TYPE for 'surface.set' command: type weight LIKE: 2.0 is outside "
                        + "0 to 1"),
                .init(
                    "SURFACE.SET feed SIGNALS chat 513",
                    "-ERR invalid SIGNALS for 'surface.set' command: '513' is not a whole number "
                        + "from 0 to 512"),
                .init(
                    "SURFACE.SET feed HALFLIFE chat 0",
                    "-ERR invalid HALFLIFE for 'surface.set' command: 0.0 is not a positive number "
                        + "of seconds"),
                .init(
                    "SURFACE.SET feed WEIGHT prior 1 WEIGHT prior 2",
                    "-ERR duplicate option 'WEIGHT prior' for 'surface.set' command"),
                .init(
                    "SURFACE.SET feed KINDS \"\"",
                    "-ERR invalid KINDS for 'surface.set' command: kinds: expected at least one"),
                .init(
                    "SURFACE.SET feed",
                    "-ERR wrong number of arguments for 'surface.set' command"),
            ]),
        Conversation(
            "a catalogue replaces the other in one step",
            [
                .init(
                    "CATALOGUE.COMMIT", "-ERR no catalogue is being loaded: CATALOGUE.BEGIN first"),
                .init(
                    "CATALOGUE.ABORT", "-ERR no catalogue is being loaded: CATALOGUE.BEGIN first"),
                .init("ITEM.ADD old KIND post PRIOR 0.5", "+OK"),
                .init("CATALOGUE.BEGIN", "+OK"),
                .init("CATALOGUE.BEGIN", "-ERR a catalogue is being loaded already"),
                .init("ITEM.ADD new KIND post PRIOR 0.5", "+OK"),
                .init("ITEM.ADD gone KIND post PRIOR 0.5", "+OK"),
                .init("ITEM.DEL gone old", ":1"),
                .init("RANK u SURFACE feed", ranking: ["old": "0.5"]),
                .init("CATALOGUE.COMMIT", "+OK"),
                .init("RANK u SURFACE feed", ranking: ["new": "0.5"]),
                .init("ITEM.GET old", "nil"),
                .init("CATALOGUE.BEGIN", "+OK"),
                .init("ITEM.ADD never KIND post", "+OK"),
                .init("CATALOGUE.ABORT", "+OK"),
                .init("RANK u SURFACE feed", ranking: ["new": "0.5"]),
                .init(
                    "CATALOGUE.COMMIT", "-ERR no catalogue is being loaded: CATALOGUE.BEGIN first"),
            ]),
    ])
    func `surfaces and catalogues change`(_ conversation: Conversation) async throws {
        try await conversation.play()
    }

    @Test func `a catalogue belongs to the connection that loads it`() async throws {
        try await TestServer.with { server in
            let loader = try await server.connect()
            let other = try await server.connect()
            #expect(try await loader.ask("CATALOGUE.BEGIN") == "+OK")
            #expect(try await loader.ask("ITEM.ADD staged KIND post") == "+OK")
            #expect(
                try await other.ask("CATALOGUE.BEGIN")
                    == "-ERR a catalogue is being loaded already")
            #expect(
                try await other.ask("CATALOGUE.COMMIT")
                    == "-ERR no catalogue is being loaded: CATALOGUE.BEGIN first")
            #expect(try await other.ask("ITEM.ADD live KIND post") == "+OK")
            #expect(try await other.ask("ITEM.GET staged") == "nil")
            #expect(try await loader.ask("CATALOGUE.COMMIT") == "+OK")
            #expect(try await other.ask("ITEM.GET live") == "nil")
            #expect(try await other.ask("ITEM.GET staged") != "nil")
        }
    }

    @Test func `a lost connection aborts its catalogue`() async throws {
        try await TestServer.with { server in
            let loader = try await server.connect()
            #expect(try await loader.ask("CATALOGUE.BEGIN") == "+OK")
            #expect(try await loader.ask("ITEM.ADD staged KIND post") == "+OK")
            loader.disconnect()
            try await server.expectInfo("connected_clients", is: "1")
            let other = try await server.connect()
            #expect(try await other.ask("CATALOGUE.BEGIN") == "+OK")
            #expect(try await other.ask("CATALOGUE.COMMIT") == "+OK")
            #expect(try await other.ask("ITEM.GET staged") == "nil")
        }
    }
}
