import ArgumentParser
import Foundation
import Load

extension Arrivals: ExpressibleByArgument {}
extension LoadPlan.Ranking.Form: ExpressibleByArgument {}

struct LoadTargetOptions: ParsableArguments {
    @Option(help: "The server's address.")
    var host = "127.0.0.1"
    @Option(help: "The server's port.")
    var port = 6480
    @Option(help: "Sent with AUTH. (default: CAIRN_PASSWORD of the environment)")
    var password: String?
    @Option(help: "Connections to the server.")
    var connections = 16
    @Option(help: "Requests that one connection may have in flight; more wait, and grow old.")
    var pipeline = 16
    @Option(help: "Event loops of the generator, a thread each.")
    var threads = 1

    func apply(to plan: inout LoadPlan) {
        plan.target.host = host
        plan.target.port = port
        plan.target.password =
            password ?? ProcessInfo.processInfo.environment["CAIRN_PASSWORD"]
        plan.connections = connections
        plan.pipeline = pipeline
        plan.threads = threads
    }
}

struct LoadPaceOptions: ParsableArguments {
    @Option(help: "Requests a second; of a sweep the first rate to try.")
    var rate = 1_000.0
    @Option(help: "How requests arrive: poisson or fixed.")
    var arrivals = Arrivals.poisson
    @Flag(
        help: ArgumentHelp(
            "Sends as soon as a connection has room: for comparing throughput.",
            discussion: "Latency then leaves out what a stall kept from being asked."))
    var closed = false
    @Flag(help: "Finds the knee.")
    var sweep = false
    @Option(help: "The knee's bound on the p99, in milliseconds.")
    var p99Max = 10.0
    @Option(help: "The knee's bound on the share of requests that are answered well.")
    var goodputMin = 0.99
    @Option(help: "A sweep ends when it knows the knee to within this share.")
    var precision = 0.05
    @Option(help: "How long to measure (each rate of a sweep), in seconds.")
    var duration = 10.0
    @Option(help: "How long to load before what counts, in seconds.")
    var warmup = 2.0
    @Option(help: "How long to wait for the last replies, in seconds.")
    var drain = 2.0
    @Option(help: "The same seed makes the same requests at the same instants.")
    var seed: UInt64 = 1
    @Option(
        help: "Sends later than this are the generator's fault (their p99), in milliseconds.")
    var latenessMax = 1.0

    func apply(to plan: inout LoadPlan) throws -> SweepPlan {
        guard !(closed && sweep) else {
            throw LoadError.setting("--closed", "a closed loop has no rate to sweep")
        }
        plan.pace = closed ? .closed : .open(arrivals)
        plan.rate = rate
        plan.seconds = duration
        plan.warmupSeconds = warmup
        plan.drainSeconds = drain
        plan.seed = seed
        plan.latenessMillisecondsMax = latenessMax
        var found = SweepPlan()
        found.p99MillisecondsMax = p99Max
        found.goodputShareMin = goodputMin
        found.precision = precision
        try found.check()
        return found
    }
}

struct LoadWorkOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Weights of rank, recommend, like, impression, chat, chat-text and item.",
            valueName: "name=weight,..."))
    var mix = RequestMix.standard.description
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "A command of any server instead of the mix; may be given several times.",
            valueName: "template"))
    var command: [String] = []
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Sent once for each user before a run of --command, with {seq} counting.",
            valueName: "template"))
    var setupCommand: [String] = []
    @Flag(inversion: .prefixedNo, help: "Loads the items and the users first.")
    var setup = true
    @Option(help: "Items: the numbers from 0 on, with random vectors.")
    var items = 100_000
    @Option(help: "The kind of the items; ads get bids.")
    var itemKind = "post"
    @Option(help: "Dimensions of the server's taste space; 0 for none.")
    var tasteDimension = 128
    @Option(help: "Users: u0, u1 ...")
    var users = 10_000
    @Option(help: "Likes that the setup gives each user.")
    var likes = 16
    @Option(help: "Chats, by topic, that the setup gives each user.")
    var chats = 4
    @Option(help: "Zipf's exponent: how much more some users come than others; 0 is all alike.")
    var userAlpha = 0.99
    @Option(help: "The surface of RANK and RECOMMEND.")
    var surface = "feed"
    @Option(help: "How many results they ask for.")
    var top = 100
    @Option(help: "Candidates of a RANK: a number, or LEAST-MOST with a heavy tail.")
    var candidates = "100-5000"
    @Option(help: "The tail's exponent (bounded Pareto): the smaller, the heavier.")
    var candidatesAlpha = 1.2
    @Option(help: "How candidates are given: packed (PACKED, 8 bytes each) or listed (ITEMS).")
    var form = LoadPlan.Ranking.Form.packed
    @Option(help: ArgumentHelp("Sends BUDGET with requests.", valueName: "microseconds"))
    var budget: Int?

    func apply(to plan: inout LoadPlan) throws {
        plan.population.items = items
        plan.population.kind = itemKind
        plan.population.tasteDimension = tasteDimension
        plan.population.users = users
        plan.population.likes = likes
        plan.population.chats = chats
        plan.population.userAlpha = userAlpha
        plan.ranking.surface = surface
        plan.ranking.top = top
        plan.ranking.form = form
        plan.ranking.budgetMicroseconds = budget
        plan.ranking.candidates = try CandidateCounts(candidates, alpha: candidatesAlpha)
        plan.setupTemplates = try setupCommand.map { try CommandTemplate($0) }
        guard command.isEmpty else {
            return plan.work = .templates(try command.map { try CommandTemplate($0) })
        }
        guard setupCommand.isEmpty else {
            throw LoadError.setting("--setup-command", "goes with --command")
        }
        plan.work = .mix(try RequestMix(mix))
    }
}

struct LoadOutputOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Writes the result, for --baseline.", valueName: "file"))
    var json: String?
    @Option(help: ArgumentHelp("Writes the time series, a second a line.", valueName: "file"))
    var csv: String?
    @Option(help: ArgumentHelp("Writes a report to look at, offline.", valueName: "file"))
    var html: String?
    @Option(
        help: ArgumentHelp(
            "Compares with an earlier --json; the exit code tells.", valueName: "file"))
    var baseline: String?
    @Option(
        help: ArgumentHelp(
            "What may be worse by how much: 'p99=30%,p999=off'.",
            discussion: """
                Names are throughput, p50, p90, p99, p999, errors and knee. Standard: throughput 2 %, \
                p50 10 %, p90 15 %, p99 25 %, errors 0, knee 10 %, and p999 not judged; \
                differences of latency below 20 µs never fail.
                """,
            valueName: "name=share,..."))
    var tolerance: String?
    @Flag(
        inversion: .prefixedNo,
        help: "Shows how it goes while it goes. (default: on a terminal)")
    var progress: Bool?

    func tolerances() throws -> Tolerances { try tolerance.map { try Tolerances($0) } ?? .standard }

    func write(_ result: LoadResult) throws {
        print(TerminalReport(result).text, terminator: "")
        if let json { try write(result.json, to: json) }
        if let csv { try write(result.csv, to: csv) }
        if let html { try write(HTMLReport(result).text, to: html) }
    }

    private func write(_ text: String, to path: String) throws(LoadError) {
        do { try text.write(toFile: path, atomically: true, encoding: .utf8) } catch {
            throw .file(path, reason: "cannot be written")
        }
    }
}
