import Domain

/// Everything that a run is told: whom to ask, for what, how often, how long.
package struct LoadPlan: Sendable {
    package enum Pace: Equatable, Sendable {
        /// On a schedule, whether or not replies come; latency counts from the scheduled instant.
        case open(Arrivals)
        /// Each connection sends as soon as it has room. Throughput is comparable, latency is not:
        /// while the server stalls nothing is asked, so nothing is late.
        case closed
    }

    package enum Work: Sendable {
        case mix(RequestMix)
        case templates([CommandTemplate])
    }

    package struct Target: Sendable {
        package var host = "127.0.0.1"
        package var port = 6480
        package var password: String?

        package var name: String { "\(host):\(port)" }
        package init() {}
    }

    /// The items and users that requests speak of. Items are the numbers 0 to items - 1, users `u0`
    /// ...
    package struct Population: Sendable {
        package var items = 100_000
        package var users = 10_000
        /// The exponent of Zipf's law: how much more some users come than others.
        package var userAlpha = 0.99
        package var kind = "post"
        /// 0 for a server without the space.
        package var tasteDimension = Limits.tasteDimensionDefault
        /// What the setup gives every user.
        package var likes = 16
        package var chats = 4
        package init() {}
    }

    package struct Ranking: Sendable {
        package enum Form: String, CaseIterable, Sendable { case packed, listed }

        package var surface = "feed"
        package var top = 100
        package var form = Form.packed
        package var candidates: CandidateCounts
        package var budgetMicroseconds: Int?

        package init() throws(LoadError) {
            candidates = try CandidateCounts(least: 100, most: 5_000, alpha: 1.2)
        }
    }

    package var target = Target()
    package var work = Work.mix(.standard)
    package var population = Population()
    package var ranking: Ranking
    /// Sent by the setup once for each user when the work is templates; `{seq}` counts, and
    /// `{user}` and `{item}` are the same number.
    package var setupTemplates: [CommandTemplate] = []

    package var pace = Pace.open(.poisson)
    /// Requests a second, of all loops together.
    package var rate = 1_000.0
    package var connections = 16
    /// Requests that one connection may have in flight.
    package var pipeline = 16
    package var threads = 1
    package var warmupSeconds = 2.0
    package var seconds = 10.0
    /// How long the last replies are waited for.
    package var drainSeconds = 2.0
    package var seed: UInt64 = 1
    /// Sends later than this, at the 99th percentile, are the generator's fault and reported so.
    package var latenessMillisecondsMax = 1.0

    package init() throws(LoadError) { ranking = try Ranking() }

    package func check() throws(LoadError) {
        try check("--port", target.port, 1...65_535)
        try check("--connections", connections, 1...Limits.loadConnectionsMax)
        try check("--pipeline", pipeline, 1...Limits.loadPipelineMax)
        try check("--threads", threads, 1...Limits.eventLoopsMax)
        guard threads <= connections else {
            throw .setting("--threads", "\(threads) need as many connections, got \(connections)")
        }
        try check("--items", population.items, 1...Limits.loadItemsMax)
        try check("--users", population.users, 1...Limits.loadUsersMax)
        try check("--likes", population.likes, 0...Limits.behaviourRingMax)
        try check("--chats", population.chats, 0...Limits.chatRingMax)
        if population.tasteDimension != 0 {
            try check(
                "--taste-dimension", population.tasteDimension,
                Limits.tasteDimensionMin...Limits.tasteDimensionMax)
        }
        try check("--top", ranking.top, 1...Limits.topMax)
        try check("--rate", rate, 0.001...Limits.loadRateMax)
        try check("--duration", seconds, 0.1...Double(Limits.loadSecondsMax))
        try check("--warmup", warmupSeconds, 0...Double(Limits.loadSecondsMax))
        try check("--drain", drainSeconds, 0...Double(Limits.loadSecondsMax))
        try check("--user-alpha", population.userAlpha, 0...10)
        try check("--lateness-max", latenessMillisecondsMax, 0.001...60_000)
        if let budget = ranking.budgetMicroseconds {
            try check("--budget", budget, 1...Int(Int32.max))
        }
    }

    private func check<Value: Comparable>(
        _ name: String, _ value: Value, _ range: ClosedRange<Value>
    ) throws(LoadError) {
        guard range.contains(value) else {
            throw .setting(
                name, "\(value) is not within \(range.lowerBound) to \(range.upperBound)")
        }
    }

    /// What each kind of request is called in results.
    package var labels: [String] {
        switch work {
        case .mix(let mix): mix.weights.map(\.sort.label)
        case .templates(let templates): templates.map(\.text)
        }
    }

    /// The settings that make two results comparable, in the command line's words. The rate is
    /// apart: a sweep changes it.
    package var settings: [String: String] {
        var settings = [
            "connections": "\(connections)", "pipeline": "\(pipeline)", "threads": "\(threads)",
            "items": "\(population.items)", "users": "\(population.users)",
            "user-alpha": LoadNumber.plain(population.userAlpha), "seed": "\(seed)",
        ]
        switch pace {
        case .open(let arrivals): settings["arrivals"] = arrivals.rawValue
        case .closed: settings["arrivals"] = "closed"
        }
        switch work {
        case .mix(let mix):
            settings["mix"] = mix.description
            settings["surface"] = ranking.surface
            settings["top"] = "\(ranking.top)"
            settings["form"] = ranking.form.rawValue
            settings["candidates"] = ranking.candidates.description
            settings["candidates-alpha"] = LoadNumber.plain(ranking.candidates.alpha)
            settings["item-kind"] = population.kind
            settings["likes"] = "\(population.likes)"
            settings["chats"] = "\(population.chats)"
            settings["budget"] = ranking.budgetMicroseconds.map { "\($0)" }
        case .templates(let templates):
            settings["command"] = templates.map(\.text).joined(separator: " | ")
        }
        return settings
    }
}
