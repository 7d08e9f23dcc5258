import OpenRTB
import Server
import Testing

/// The configuration file: what is shipped, and what is refused in which words.
@Suite struct ServerConfigurationTests {
    @Test func `the shipped file is what the code begins with`() throws {
        let shipped = try ServerConfiguration.shipped()
        try shipped.check()
        let bare = ServerConfiguration()
        #expect(shipped.bind == bare.bind)
        #expect(shipped.port == bare.port)
        #expect(shipped.eventLoops == bare.eventLoops)
        #expect(shipped.connectionsMax == bare.connectionsMax)
        #expect(shipped.partialCommandSeconds == bare.partialCommandSeconds)
        #expect(shipped.outputBytesMax == bare.outputBytesMax)
        #expect(shipped.password == bare.password)
        #expect(shipped.policyPath == bare.policyPath)
        #expect(shipped.policy == bare.policy)
        #expect(shipped.tasteDimension == bare.tasteDimension)
        #expect(shipped.bidding == bare.bidding)
        #expect(shipped.biddingSurface == bare.biddingSurface)
        #expect(shipped.surfaces.map(\.name.text) == ["ads", "feed", "groups"])
    }

    @Test func `a file changes what it names and nothing else`() throws {
        var configuration = try ServerConfiguration.shipped()
        try configuration.apply(
            toml: """
                [server]
                port = 7000
                [surfaces.feed.weights]
                "chat.text" = 0
                [surfaces.reels]
                kinds = ["reel"]
                """)
        try configuration.check()
        #expect(configuration.port == 7_000)
        #expect(configuration.bind == "127.0.0.1")
        let feed = try #require(configuration.surfaces.first { $0.name.text == "feed" })
        #expect(feed.weights[.chatText] == 0)
        #expect(feed.weights[.follow] == 2)
        #expect(configuration.surfaces.map(\.name.text) == ["ads", "feed", "groups", "reels"])
    }

    @Test(arguments: [
        ("[server]\nprot = 1", "server.prot: there is no such setting"),
        ("[sever]\nport = 1", "sever: there is no such setting"),
        ("port = 1", "port: there is no such setting"),
        ("server = 1", "server: expected a table"),
        ("[server]\nport = \"6480\"", "server.port: expected a whole number"),
        ("[server]\nport = 6480.5", "server.port: expected a whole number"),
        ("[server]\nport = 65536", "server.port: 65536 is not a port"),
        ("[server]\nport = -1", "server.port: -1 is not a port"),
        ("[server]\nbind = 127", "server.bind: expected a string"),
        ("[server]\nevent_loops = 257", "server.event_loops: 257 is outside 0 to 256"),
        ("[server]\nconnections_max = 0", "server.connections_max: 0 is outside 1 to 10000"),
        (
            "[server]\npartial_command_seconds = 0",
            "server.partial_command_seconds: expected at least 1"
        ),
        (
            "[server]\noutput_bytes_max = 67108865",
            "server.output_bytes_max: 67108865 is outside 1 to 67108864"
        ),
        ("[server]\noutput_bytes_max = 0", "server.output_bytes_max: 0 is outside 1 to 67108864"),
        ("[openrtb]\nmargin_ms = -1", "openrtb.margin_ms: -1 is outside 0 to 10000"),
        (
            "[openrtb]\ncurrency = \"usd\"",
            "openrtb.currency: 'usd' is not three capitals of ISO 4217"
        ),
        ("[openrtb]\nseat = \"\"", "openrtb.seat: expected 1 to 512 bytes"),
        (
            "[openrtb]\nsurface = \"feed\"",
            "openrtb.surface: there is no surface 'feed' on the ads lane"
        ),
        ("[policy]\nfile = 1", "policy.file: expected a string"),
        ("[policy]\npath = \"p\"", "policy.path: there is no such setting"),
        ("[taste]\ndimension = 15", "taste.dimension: 15 is neither 0 nor within 16 to 256"),
        ("[taste]\ndimension = 257", "taste.dimension: 257 is neither 0 nor within 16 to 256"),
        ("[taste]\nsize = 16", "taste.size: there is no such setting"),
        (
            "[surfaces.feed]\nlane = \"fast\"",
            "surfaces.feed.lane: unknown lane 'fast': expected ads or content"
        ),
        (
            "[surfaces.feed]\nkinds = \"post\"",
            "surfaces.feed.kinds: expected an array of strings"
        ),
        ("[surfaces.feed]\nkinds = [1]", "surfaces.feed.kinds: expected an array of strings"),
        ("[surfaces.feed]\nkinds = []", "surfaces.feed: kinds: expected at least one"),
        (
            "[surfaces.feed]\nprior = 1.0",
            "surfaces.feed: '1.0' is not a probability between 0 and 1, both excluded"
        ),
        (
            "[surfaces.feed]\nfloor = -1.0",
            "surfaces.feed: floor: -1.0 is not a finite number of at least 0"
        ),
        (
            "[surfaces.feed]\nbias = nan",
            "surfaces.feed: bias: nan is not within +-1000000.0"
        ),
        (
            "[surfaces.feed.weights]\nlove = 1.0",
            "surfaces.feed.weights.love: unknown term 'love': expected one of prior, freshness, "
                + "follow, fatigue, behaviour.text, behaviour.taste, views.text, views.taste, "
                + "negative.text, negative.taste, chat.text, context.text, context.taste"
        ),
        (
            "[surfaces.feed.weights]\nprior = \"much\"",
            "surfaces.feed.weights.prior: expected a number"
        ),
        (
            "[surfaces.feed.types]\nlove = 1.0",
            "surfaces.feed.types.love: unknown signal type 'love'"
        ),
        (
            "[surfaces.feed.types]\nlike = 1.5",
            "surfaces.feed: type weight LIKE: 1.5 is outside 0 to 1"
        ),
        (
            "[surfaces.feed.half_lives]\nchat = 0",
            "surfaces.feed.half_lives.chat: half-life chat: 0.0 seconds is not a positive time"
        ),
        (
            "[surfaces.feed.half_lives]\nsleep = 1",
            "surfaces.feed.half_lives.sleep: unknown class 'sleep': expected one of behaviour, "
                + "views, negative, chat, context"
        ),
        (
            "[surfaces.feed.shapes]\nchat = \"round\"",
            "surfaces.feed.shapes.chat: unknown shape 'round': expected linear or positive"
        ),
        (
            "[surfaces.feed.signals]\nchat = 1.5",
            "surfaces.feed.signals.chat: signals chat: 1.5 is not a whole number"
        ),
        (
            "[surfaces.feed.signals]\nchat = 513",
            "surfaces.feed: signals chat: 513 is outside 0 to 512"
        ),
        (
            "[surfaces.\"a b\"]\nkinds = [\"post\"]",
            "surfaces.a b: 'a b' is not a name: expected 1 "
                + "to 64 letters, digits, '-', '_', '.' or ':'"
        ),
        (
            "[surfaces.feed]\nname = \"feed\"",
            "surfaces.feed.name: there is no such setting"
        ),
    ])
    func `names the setting that is wrong`(_ toml: String, _ message: String) throws {
        var configuration = try ServerConfiguration.shipped()
        let error = #expect(throws: ConfigurationError.self) {
            try configuration.apply(toml: toml)
            try configuration.check()
        }
        #expect(error?.message == "configuration: \(message)")
    }

    @Test(arguments: ["[server", "port =", "[server]\nport = 1\nport = 2"])
    func `text that is no TOML is refused`(_ toml: String) throws {
        var configuration = try ServerConfiguration.shipped()
        let error = #expect(throws: ConfigurationError.self) { try configuration.apply(toml: toml) }
        #expect(error?.setting == "syntax")
        #expect(error?.reason.contains("line") == true)
    }

    @Test(arguments: ["127.0.0.1", "127.8.9.10", "::1", "localhost"])
    func `loopback needs no password`(_ bind: String) throws {
        var configuration = try ServerConfiguration.shipped()
        configuration.bind = bind
        try configuration.check()
    }

    @Test(arguments: ["0.0.0.0", "192.0.2.1", "::", "127.example.com", "localhost.example", ""])
    func `anything else needs one`(_ bind: String) throws {
        var configuration = try ServerConfiguration.shipped()
        configuration.bind = bind
        let error = #expect(throws: ConfigurationError.self) { try configuration.check() }
        #expect(
            error?.message
                == "configuration: server.password: the server would be open to everyone who "
                + "reaches \(bind): set a password, or bind to 127.0.0.1")
        configuration.password = "secret"
        try configuration.check()
    }
}
