import NIOCore
import NIOPosix

/// The generator of one event loop: its connections, its share of the schedule, its record.
///
/// In the open mode an arrival that is due goes to the next connection that has room. When none
/// has, it waits without being forgotten: its latency runs from the instant at which it was due.
/// All calls are made on the loop.
final class LoadDriver {
    /// When a job begins and ends; instants are on the loop's clock.
    struct Course: Equatable, Sendable {
        /// The first arrival, the window that counts, and when the last replies are given up.
        var begin: UInt64
        var from: UInt64
        var end: UInt64
        var giveUp: UInt64
        /// Ends with its source, and with the first connection that dies.
        var isSetup = false
    }

    /// Commands that are written before they are flushed and the clock is read again.
    private static let batchMax = 16
    private static let reconnectDelay = TimeAmount.milliseconds(100)

    private let target: LoadPlan.Target
    private let pipeline: Int
    private let eventLoop: any EventLoop
    private var connections: [ClientConnection?]
    /// Counts the calls of `disconnect`: what was begun before one comes too late.
    private var generation = 0
    /// Where the search for a connection with room goes on.
    private var cursor = 0
    /// Connections with room, and since when there has been one.
    private var roomy = 0
    private var roomSince: UInt64 = 0
    private var touched: [ClientConnection] = []

    private var course: Course?
    private var source = RequestSource.none
    /// `nil` is the closed mode.
    private var schedule: ArrivalSchedule?
    private var recorder = Recorder(kinds: 0, from: 0, until: 0)
    private var done: EventLoopPromise<Recorder>?
    private var nextDue: UInt64?
    private var isSourceDry = false
    private var isTimerSet = false
    private var inFlight = 0
    private var useAtFirst: ThreadUse?
    private var recent = RecentReplies()

    var password: String? { target.password }
    var targetName: String { target.name }

    init(_ plan: LoadPlan, connections: Int, eventLoop: any EventLoop) {
        target = plan.target
        pipeline = plan.pipeline
        self.eventLoop = eventLoop
        self.connections = Array(repeating: nil, count: connections)
    }

    // MARK: Connections

    func connect() -> EventLoopFuture<Void> {
        let all = connections.indices.map { connect(slot: $0) }
        return EventLoopFuture.andAllSucceed(all, on: eventLoop)
    }

    func disconnect() {
        generation += 1
        touched.removeAll()
        for connection in connections { connection?.end() }
        connections = Array(repeating: nil, count: connections.count)
        roomy = 0
        inFlight = 0
    }

    private func connect(slot: Int) -> EventLoopFuture<Void> {
        let greeting = eventLoop.makePromise(of: Void.self)
        let connection = NIOLoopBound(
            ClientConnection(driver: self, greeting: greeting), eventLoop: eventLoop)
        let driver = NIOLoopBound(self, eventLoop: eventLoop)
        let name = targetName
        let generation = generation
        return ClientBootstrap(group: eventLoop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(connection.value)
                }
            }
            .connect(host: target.host, port: target.port)
            .flatMapError { error in
                greeting.fail(error)
                return channelFailure(error, name, greeting.futureResult.eventLoop)
            }
            .flatMap { _ in greeting.futureResult }
            .map {
                guard driver.value.generation == generation else {
                    return connection.value.end()
                }
                driver.value.connections[slot] = connection.value
                driver.value.gainedRoom()
            }
    }

    private func gainedRoom() {
        if roomy == 0 { roomSince = LoadClock.now }
        roomy += 1
    }

    /// A connection has died; what it had in flight is lost, and another takes its place.
    func lost(_ connection: ClientConnection, reason: String) {
        guard let slot = connections.firstIndex(where: { $0 === connection }) else { return }
        connections[slot] = nil
        if connection.pending.count < pipeline { roomy -= 1 }
        let requests = connection.takePending()
        inFlight -= requests.count
        if requests.isEmpty { recorder.note("connection", reason) }
        for request in requests { recorder.failed(request, "connection", reason) }
        guard let course else { return }
        if course.isSetup { return finish() }
        reconnect(slot)
        finishIfIdle()
    }

    private func reconnect(_ slot: Int) {
        let driver = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.scheduleTask(in: Self.reconnectDelay) {
            guard driver.value.course != nil else { return }
            driver.value.connect(slot: slot).whenComplete { result in
                switch result {
                case .success: driver.value.pump()
                case .failure(let error):
                    guard driver.value.course != nil else { return }
                    driver.value.recorder.note("connect", FailureWords.words(of: error))
                    driver.value.reconnect(slot)
                }
            }
        }
    }

    // MARK: A job's course

    /// - Parameter schedule: `nil` for the closed mode.
    func run(
        _ source: RequestSource, kinds: Int, schedule: ArrivalSchedule?, course: Course
    ) -> EventLoopFuture<Recorder> {
        let done = eventLoop.makePromise(of: Recorder.self)
        self.done = done
        self.course = course
        self.source = source
        self.schedule = schedule
        recorder = Recorder(kinds: kinds, from: course.from, until: course.end)
        recent = RecentReplies()
        isSourceDry = false
        useAtFirst = nil
        nextDue = nil
        at(course.begin) { driver in
            driver.roomSince = LoadClock.now
            driver.advance()
            driver.pump()
        }
        if !course.isSetup {
            at(course.from) { $0.useAtFirst = ThreadUse.current(at: LoadClock.now) }
            at(course.end) { $0.reachedEnd() }
            at(course.giveUp) { if $0.course == course { $0.finish() } }
        }
        return done.futureResult
    }

    private func at(_ instant: UInt64, _ body: @escaping @Sendable (LoadDriver) -> Void) {
        let driver = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.scheduleTask(deadline: .uptimeNanoseconds(instant)) { body(driver.value) }
    }

    private func reachedEnd() {
        if let first = useAtFirst, let now = ThreadUse.current(at: LoadClock.now) {
            recorder.threads = [now.since(first)]
        }
        pump()
    }

    private func finishIfIdle() {
        guard let course, inFlight == 0, nextDue == nil else { return }
        if course.isSetup ? isSourceDry : LoadClock.now >= course.end { finish() }
    }

    private func finish() {
        guard let done else { return }
        let now = LoadClock.now
        for connection in connections {
            guard let connection else { continue }
            for request in connection.pending { recorder.leftUnanswered(request, at: now) }
        }
        while let due = nextDue {
            recorder.leftUnsent(scheduled: due, at: now)
            advance()
        }
        course = nil
        self.done = nil
        done.succeed(recorder)
    }

    // MARK: Sending

    private func pump() {
        guard let course, LoadClock.now >= course.begin else { return }
        if schedule != nil {
            pumpOpen()
        } else {
            for connection in connections {
                if let connection { fill(connection) }
            }
            flushTouched()
        }
        finishIfIdle()
    }

    private func pumpOpen() {
        var now = LoadClock.now
        var count = 0
        while let due = nextDue, due <= now, let connection = connectionWithRoom() {
            send(connection, scheduled: due, at: now)
            advance()
            count += 1
            if count % Self.batchMax == 0 { flushTouched() }
            now = LoadClock.now
        }
        flushTouched()
        setTimer()
    }

    /// Takes the next arrival of the schedule, if it lies before the end.
    private func advance() {
        nextDue = nil
        guard let course, let offset = schedule?.next() else { return }
        let due = course.begin + offset
        guard due < course.end else { return }
        nextDue = due
        recorder.due(at: due)
    }

    private func setTimer() {
        guard !isTimerSet, roomy > 0, let nextDue else { return }
        isTimerSet = true
        at(nextDue) { driver in
            driver.isTimerSet = false
            guard driver.course != nil else { return }
            let now = LoadClock.now
            driver.recorder.lag.record(now > nextDue ? now - nextDue : 0)
            driver.pump()
        }
    }

    private func connectionWithRoom() -> ClientConnection? {
        guard roomy > 0 else { return nil }
        for _ in connections.indices {
            let connection = connections[cursor]
            cursor = cursor + 1 == connections.count ? 0 : cursor + 1
            if let connection, connection.pending.count < pipeline { return connection }
        }
        return nil
    }

    /// The closed mode: a connection is always full.
    private func fill(_ connection: ClientConnection) {
        guard let course else { return }
        while connection.pending.count < pipeline, !isSourceDry {
            let now = LoadClock.now
            guard now < course.end else { return }
            recorder.due(at: now)
            send(connection, scheduled: now, at: now)
        }
    }

    private func send(_ connection: ClientConnection, scheduled: UInt64, at now: UInt64) {
        let before = connection.writer.count
        guard let kind = source.next(into: &connection.writer) else {
            isSourceDry = true
            return
        }
        let request = PendingRequest(scheduled: scheduled, sent: now, kind: kind)
        connection.expect(request)
        inFlight += 1
        if connection.pending.count == pipeline { roomy -= 1 }
        let couldSend = max(scheduled, roomSince)
        recorder.sent(
            request, bytes: connection.writer.count - before,
            late: schedule != nil ? (now > couldSend ? now - couldSend : 0) : nil)
        if !connection.isTouched {
            connection.isTouched = true
            touched.append(connection)
        }
    }

    private func flushTouched() {
        for connection in touched { connection.flush() }
        touched.removeAll(keepingCapacity: true)
    }

    // MARK: Replies

    func answered(
        _ connection: ClientConnection, _ request: PendingRequest,
        _ outcome: ReplyScanner.Outcome, bytes: Int, at now: UInt64
    ) {
        inFlight -= 1
        if connection.pending.count == pipeline - 1 { gainedRoom() }
        recorder.answered(request, outcome, bytes: bytes, at: now)
        recent.add(outcome, nanoseconds: now - request.scheduled)
    }

    /// All replies of a read have been taken.
    func replied(_ connection: ClientConnection) {
        guard course != nil else { return }
        if schedule != nil {
            // With nothing overdue the timer is enough.
            if let nextDue, nextDue <= LoadClock.now || !isTimerSet { pumpOpen() }
        } else {
            fill(connection)
            flushTouched()
        }
        if inFlight == 0 { finishIfIdle() }
    }

    /// What came since the last call, for the progress line.
    func takeRecent() -> RecentReplies {
        defer { recent = RecentReplies() }
        recent.inFlight = inFlight
        return recent
    }
}

private func channelFailure(
    _ error: any Error, _ target: String, _ eventLoop: any EventLoop
) -> EventLoopFuture<any Channel> {
    eventLoop.makeFailedFuture(
        LoadError.connect(target: target, reason: FailureWords.words(of: error)))
}
