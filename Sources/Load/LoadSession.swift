import Histogram
import NIOCore
import NIOPosix

/// A generator with its event loops: sets a server up and runs loads against it, one at a time.
package struct LoadSession: Sendable {
    /// What the progress line tells, about once a second.
    package struct Progress: Sendable {
        package enum Phase: Equatable, Sendable {
            case setup(String)
            case warmup, measuring, draining
        }
        package var phase: Phase
        package var targetRate: Double?
        /// Since the phase's run began.
        package var seconds: Double
        package var ofSeconds: Double
        package var answeredPerSecond: Double
        package var errors: Int
        package var inFlight: Int
        package var p50: Double
        package var p99: Double
        package var max: Double
    }

    package typealias Report = @Sendable (Progress) -> Void

    /// Between the call and the first arrival, so that all loops begin together.
    private static let leadNanoseconds: UInt64 = 20_000_000

    private let plan: LoadPlan
    private let report: Report?
    private let drivers: [NIOLoopBound<LoadDriver>]

    /// Runs `body` with a generator and ends it, whatever `body` does.
    package static func with<Result: Sendable>(
        _ plan: LoadPlan, report: Report? = nil,
        _ body: @Sendable (LoadSession) async throws -> Result
    ) async throws -> Result {
        try plan.check()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: plan.threads)
        let outcome: Swift.Result<Result, any Error>
        do {
            let session = try await LoadSession(plan, report, group)
            outcome = .success(try await body(session))
        } catch {
            outcome = .failure(error)
        }
        try await group.shutdownGracefully()
        return try outcome.get()
    }

    private init(
        _ plan: LoadPlan, _ report: Report?, _ group: MultiThreadedEventLoopGroup
    ) async throws {
        self.plan = plan
        self.report = report
        let loops = Array(group.makeIterator())
        drivers = try await Self.each(loops.indices) { index in
            let loop = loops[index]
            let share = (plan.connections + index) / loops.count
            return loop.submit {
                NIOLoopBound(
                    LoadDriver(plan, connections: share, eventLoop: loop), eventLoop: loop)
            }
        }
    }

    // MARK: Setup

    /// Loads the items and the users, or sends the setup's templates; throws when any is refused.
    package func setUp() async throws {
        try await connected {
            switch plan.work {
            case .mix:
                for stage in SetupSource.Stage.allCases {
                    try await fill("\(stage)") { share, shares in
                        .setup(SetupSource(stage, plan, share: share, of: shares))
                    }
                }
            case .templates:
                try await fill("commands") { share, shares in
                    .templateSetup(TemplateSetupSource(plan, share: share, of: shares))
                }
            }
        }
    }

    private func fill(
        _ name: String, _ source: @escaping @Sendable (Int, Int) -> RequestSource
    ) async throws {
        let course = LoadDriver.Course(
            begin: LoadClock.now, from: 0, end: .max, giveUp: .max, isSetup: true)
        let records = try await watched(course, phase: name, rate: nil) {
            try await run(kinds: 1, course, { _, _ in nil }, source)
        }
        let failed = records.errors.values.reduce(0) { $0 + $1.count }
        guard failed > 0 else { return }
        let first = records.errors.sorted { $0.key < $1.key }[0]
        throw LoadError.setup(
            failed: failed, commands: records.kinds[0].sent,
            first: "\(first.key == "connection" ? "connection " : "")\(first.value.example)")
    }

    // MARK: A run

    /// One run of the plan on connections of its own.
    ///
    /// - Parameter rate: Instead of the plan's.
    package func measure(rate: Double? = nil) async throws -> RunSummary {
        let rate = rate ?? plan.rate
        let isOpen = if case .open = plan.pace { true } else { false }
        let recorder = try await connected {
            let begin = LoadClock.now + Self.leadNanoseconds
            let from = begin + LoadClock.nanoseconds(plan.warmupSeconds)
            let end = from + LoadClock.nanoseconds(plan.seconds)
            let course = LoadDriver.Course(
                begin: begin, from: from, end: end,
                giveUp: end + LoadClock.nanoseconds(plan.drainSeconds))
            return try await watched(course, phase: nil, rate: isOpen ? rate : nil) {
                try await run(kinds: plan.labels.count, course) { share, shares in
                    guard case .open(let arrivals) = plan.pace else { return nil }
                    return ArrivalSchedule(
                        arrivals, rate: rate, share: share, of: shares, seed: plan.seed)
                } _: { share, shares in
                    .work(of: plan, share: share, of: shares)
                }
            }
        }
        return RunSummary(
            recorder, labels: plan.labels, rate: isOpen ? rate : nil,
            latenessMillisecondsMax: plan.latenessMillisecondsMax)
    }

    private func connected<Result: Sendable>(
        _ body: @Sendable () async throws -> Result
    ) async throws -> Result {
        _ = try await each { $0.value.connect() }
        let outcome: Swift.Result<Result, any Error>
        do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
        _ = try await onEach { $0.disconnect() }
        return try outcome.get()
    }

    private func run(
        kinds: Int, _ course: LoadDriver.Course,
        _ schedule: @Sendable (Int, Int) -> ArrivalSchedule?,
        _ source: @Sendable (Int, Int) -> RequestSource
    ) async throws -> Recorder {
        let shares = drivers.count
        var futures: [EventLoopFuture<Recorder>] = []
        for (share, driver) in drivers.enumerated() {
            let source = source(share, shares)
            let schedule = schedule(share, shares)
            futures.append(
                driver.eventLoop.flatSubmit {
                    driver.value.run(source, kinds: kinds, schedule: schedule, course: course)
                })
        }
        var whole = try await futures[0].get()
        for future in futures.dropFirst() { whole.add(try await future.get()) }
        return whole
    }

    // MARK: Progress

    /// Runs `body` and reports about once a second meanwhile.
    private func watched<Result: Sendable>(
        _ course: LoadDriver.Course, phase: String?, rate: Double?,
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        guard let report else { return try await body() }
        return try await withThrowingTaskGroup(of: Result?.self) { tasks in
            tasks.addTask { try await body() }
            tasks.addTask {
                var last = LoadClock.now
                while !Task.isCancelled {
                    try? await Task.sleep(for: .seconds(1))
                    guard !Task.isCancelled else { break }
                    let now = LoadClock.now
                    report(
                        try await progress(
                            course, phase: phase, rate: rate, over: Double(now - last) / 1e9))
                    last = now
                }
                return nil
            }
            while let result = try await tasks.next() {
                guard let result else { continue }
                tasks.cancelAll()
                return result
            }
            preconditionFailure("the run ended without a result")
        }
    }

    private func progress(
        _ course: LoadDriver.Course, phase: String?, rate: Double?, over seconds: Double
    ) async throws -> Progress {
        var recent = RecentReplies()
        for part in try await onEach({ $0.takeRecent() }) { recent.add(part) }
        let now = LoadClock.now
        func at(_ percentile: Double) -> Double {
            recent.answered == 0
                ? 0 : Double(recent.latency.valueAtPercentile(percentile)) / 1_000
        }
        let named: Progress.Phase =
            if let phase { .setup(phase) } else {
                now < course.from ? .warmup : now < course.end ? .measuring : .draining
            }
        let isSetup = course.isSetup
        return Progress(
            phase: named, targetRate: rate,
            seconds: now > course.begin ? Double(now - course.begin) / 1e9 : 0,
            ofSeconds: isSetup ? 0 : Double(course.end - course.begin) / 1e9,
            answeredPerSecond: Double(recent.answered) / seconds, errors: recent.errors,
            inFlight: recent.inFlight, p50: at(50), p99: at(99), max: at(100))
    }

    // MARK: Loops

    private func onEach<Value: Sendable>(
        _ body: @escaping @Sendable (LoadDriver) -> Value
    ) async throws -> [Value] {
        try await Self.each(drivers.indices) { index in
            let driver = drivers[index]
            return driver.eventLoop.submit { body(driver.value) }
        }
    }

    private func each<Value: Sendable>(
        _ body: @escaping @Sendable (NIOLoopBound<LoadDriver>) -> EventLoopFuture<Value>
    ) async throws -> [Value] {
        try await Self.each(drivers.indices) { index in
            let driver = drivers[index]
            return driver.eventLoop.flatSubmit { body(driver) }
        }
    }

    private static func each<Value: Sendable>(
        _ indices: Range<Int>, _ body: (Int) -> EventLoopFuture<Value>
    ) async throws -> [Value] {
        let futures = indices.map(body)
        var values: [Value] = []
        var failure: (any Error)?
        for future in futures {
            do { values.append(try await future.get()) } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
        return values
    }
}
