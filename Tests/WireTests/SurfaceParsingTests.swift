import Domain
import Testing
import Wire

@Suite("Surface and catalogue commands")
struct SurfaceParsingTests {
    @Test("set every setting, in the order given")
    func everySetting() throws {
        let change = try SurfaceChange(
            name: try SurfaceName("ads"),
            settings: [
                .lane(.ads), .product(try Product("main")),
                .kinds([try Kind("ad"), try Kind("reel")]),
                .bias(-3.5), .prior(0.01), .floor(1e-3), .weight(.chatText, 2),
                .weight(.behaviourTaste, -0.5), .typeWeight(.like, 1), .typeWeight(.click, 0.25),
                .halfLife(.chat, 86_400_000), .freshnessHalfLife(500), .fatigueHalfLife(1_000),
                .shape(.behaviour, .linear), .shape(.chat, .positive), .signalCount(.views, 0),
                .signalCount(.behaviour, 512),
            ])
        #expect(
            try parse([
                "SURFACE.SET Ads LANE ADS PRODUCT main KINDS ad,REEL BIAS -3.5 PRIOR .01 FLOOR 1e-3",
                "WEIGHT chat.text 2 WEIGHT Behaviour.Taste -0.5 TYPE like 1 TYPE CLICK 0.25",
                "HALFLIFE chat 86400 HALFLIFE freshness 0.5 HALFLIFE FATIGUE 1",
                "SHAPE behaviour linear SHAPE chat Positive SIGNALS views 0 SIGNALS behaviour 512",
            ]) == .surfaceSet(change))
    }

    @Test("get one surface or the names of all")
    func surfaceGet() throws {
        #expect(try parse(["SURFACE.GET"]) == .surfaceGet(nil))
        #expect(try parse(["SURFACE.GET Feed"]) == .surfaceGet(try SurfaceName("feed")))
    }

    @Test("begin, commit and abort a catalogue")
    func catalogue() throws {
        #expect(try parse(["CATALOGUE.BEGIN"]) == .catalogueBegin)
        #expect(try parse(["catalogue.commit"]) == .catalogueCommit)
        #expect(try parse(["Catalogue.Abort"]) == .catalogueAbort)
    }

    @Test("say what is wrong", arguments: badSurfaces)
    func errors(_ bad: BadCommand) {
        #expect(errorMessage(bad.words) == bad.message)
    }
}

private func invalid(_ option: String, _ reason: String) -> String {
    "ERR invalid \(option) for 'surface.set' command: \(reason)"
}

private func duplicate(_ option: String) -> String {
    "ERR duplicate option '\(option)' for 'surface.set' command"
}

private let badSurfaces: [BadCommand] = [
    BadCommand("SURFACE.SET ads", "ERR wrong number of arguments for 'surface.set' command"),
    BadCommand("SURFACE.GET a b", "ERR wrong number of arguments for 'surface.get' command"),
    BadCommand(
        "CATALOGUE.BEGIN now", "ERR wrong number of arguments for 'catalogue.begin' command"),
    BadCommand(
        "SURFACE.SET a/b BIAS 1",
        "ERR invalid name for 'surface.set' command: 'a/b' is not a name: expected 1 to 64 "
            + "letters, digits, '-', '_', '.' or ':'"),
    BadCommand(
        "SURFACE.SET a COLOUR red", "ERR unknown option 'COLOUR' for 'surface.set' command"),
    BadCommand("SURFACE.SET a BIAS 1 BIAS 2", duplicate("BIAS")),
    BadCommand("SURFACE.SET a WEIGHT prior 1 WEIGHT PRIOR 2", duplicate("WEIGHT prior")),
    BadCommand("SURFACE.SET a TYPE like 1 TYPE Like 1", duplicate("TYPE LIKE")),
    BadCommand("SURFACE.SET a HALFLIFE chat 1 HALFLIFE chat 2", duplicate("HALFLIFE chat")),
    BadCommand(
        "SURFACE.SET a HALFLIFE freshness 1 HALFLIFE freshness 2", duplicate("HALFLIFE freshness")),
    BadCommand("SURFACE.SET a SHAPE chat linear SHAPE chat linear", duplicate("SHAPE chat")),
    BadCommand("SURFACE.SET a SIGNALS chat 1 SIGNALS chat 1", duplicate("SIGNALS chat")),
    BadCommand(
        "SURFACE.SET a WEIGHT prior",
        "ERR missing value of option 'WEIGHT' for 'surface.set' command"),
    BadCommand(
        "SURFACE.SET a LANE fast",
        invalid("LANE", "unknown lane 'fast': expected ads or content")),
    BadCommand(
        ["SURFACE.SET a KINDS", .one("")], invalid("KINDS", "kinds: expected at least one")),
    BadCommand(
        "SURFACE.SET a BIAS inf", invalid("BIAS", "'inf' is not a finite decimal number")),
    BadCommand(
        "SURFACE.SET a BIAS 1e7", invalid("BIAS", "bias: 10000000.0 is not within +-1000000.0")),
    BadCommand(
        "SURFACE.SET a BIAS 1e999", invalid("BIAS", "'1e999' is not a finite decimal number")),
    BadCommand(
        "SURFACE.SET a PRIOR 0",
        invalid("PRIOR", "'0.0' is not a probability between 0 and 1, both excluded")),
    BadCommand(
        "SURFACE.SET a FLOOR -1",
        invalid("FLOOR", "floor: -1.0 is not a finite number of at least 0")),
    BadCommand(
        "SURFACE.SET a WEIGHT love 1",
        invalid("WEIGHT", DomainError.term("love").message)),
    BadCommand(
        "SURFACE.SET a TYPE like 1.5",
        invalid("TYPE", "type weight LIKE: 1.5 is outside 0 to 1")),
    BadCommand(
        "SURFACE.SET a HALFLIFE chat 0",
        invalid("HALFLIFE", "0.0 is not a positive number of seconds")),
    BadCommand(
        "SURFACE.SET a HALFLIFE chat 1e300",
        invalid("HALFLIFE", "1e+300 is not a positive number of seconds")),
    BadCommand(
        "SURFACE.SET a HALFLIFE love 1",
        invalid(
            "HALFLIFE",
            "unknown class 'love': expected one of behaviour, views, negative, chat, context")),
    BadCommand(
        "SURFACE.SET a SHAPE chat round",
        invalid("SHAPE", "unknown shape 'round': expected linear or positive")),
    BadCommand(
        "SURFACE.SET a SIGNALS chat 513",
        invalid("SIGNALS", "'513' is not a whole number from 0 to 512")),
]
