import Dispatch
import HTTP
import NIOCore
import Synchronization
import Wire

/// Carries out what comes by HTTP: on the event loops and workers that serve RESP, through the same
/// executor.
final class FrontCommands: CommandService {
    let shared: ServerShared
    private let loops: [NIOLoopBound<LoopState>]
    private let isServing = Atomic<Bool>(false)

    init(_ shared: ServerShared, loops: [NIOLoopBound<LoopState>]) {
        self.shared = shared
        self.loops = loops
    }

    var isReady: Bool {
        get { isServing.load(ordering: .relaxed) && !shared.isLoading }
        set { isServing.store(newValue, ordering: .relaxed) }
    }

    /// The token is the password, when there is one.
    func admits(bearer token: String?) -> Bool {
        guard shared.requiresPassword else { return true }
        return token.map { shared.isPassword(Array($0.utf8)) } ?? false
    }

    func metrics() async -> ByteBuffer {
        let isReady = isReady
        return await withCheckedContinuation { continuation in
            // Off the event loops: it asks the allocator, and every shard.
            DispatchQueue.global().async { [shared] in
                let report = MetricsReport(shared, isReady: isReady)
                continuation.resume(returning: ByteBuffer(string: report.text))
            }
        }
    }

    func makeSession(on eventLoop: any EventLoop) -> any CommandSession {
        FrontSession(loop(of: eventLoop))
    }

    func loop(of eventLoop: any EventLoop) -> NIOLoopBound<LoopState> {
        guard let loop = loops.first(where: { $0.eventLoop === eventLoop }) else {
            preconditionFailure("the front serves on the server's event loops")
        }
        return loop
    }
}

/// What a RESP connection's handler does for its commands, for those of one HTTP request.
private final class FrontSession: CommandSession {
    private let loop: NIOLoopBound<LoopState>
    private let session: NIOLoopBoundBox<Session>

    init(_ loop: NIOLoopBound<LoopState>) {
        self.loop = loop
        session = .makeBoxSendingValue(
            Session(id: 0, isAuthenticated: true), eventLoop: loop.eventLoop)
    }

    func run(_ request: CommandRequest) async -> ByteBuffer {
        await withCheckedContinuation { continuation in
            guard !loop.eventLoop.inEventLoop else {
                return carryOut(request) { continuation.resume(returning: $0) }
            }
            loop.eventLoop.execute {
                self.carryOut(request) { continuation.resume(returning: $0) }
            }
        }
    }

    func end() async {
        let ended = loop.eventLoop.submit {
            guard self.session.value.isLoadingCatalogue else { return }
            self.session.value.isLoadingCatalogue = false
            self.loop.value.abortCatalogue()
        }
        try? await ended.get()
    }

    private func carryOut(
        _ request: CommandRequest, _ finish: @escaping @Sendable (ByteBuffer) -> Void
    ) {
        let state = loop.value
        let eventLoop = loop.eventLoop
        let verb = request.command.name
        state.shared.counters.commands.increment()
        state.meter.begin()
        var writer = ReplyWriter(form: .json)
        guard !state.shared.isLoading else {
            writer.error("LOADING Cairn is loading the data", code: .loading)
            state.meter.end(verb, writer.outcome)
            return finish(writer.buffer)
        }
        let outcome = state.executor.execute(
            request.command, request.arguments, session: &session.value, writer: &writer)
        switch outcome {
        case .replied, .close, .reset:
            let nanoseconds = state.meter.end(verb, writer.outcome)
            state.shared.slowLog.take(verb, nanoseconds: nanoseconds)
            finish(writer.buffer)
        case .handOver(let job):
            let cameAt = state.meter.handOver()
            state.workers.run(job, on: eventLoop) { body in
                finish(self.reply(body, to: verb, cameAt: cameAt))
            }
        case .waits(let reply):
            let cameAt = state.meter.handOver()
            reply.whenReady { body in
                eventLoop.execute { finish(self.reply(body, to: verb, cameAt: cameAt)) }
            }
        }
    }

    /// On the event loop.
    private func reply(_ body: ReplyBody, to verb: CommandName, cameAt: Int64) -> ByteBuffer {
        var writer = ReplyWriter(form: .json)
        body(&session.value, &writer)
        let state = loop.value
        let nanoseconds = state.meter.end(verb, writer.outcome, cameAt: cameAt)
        state.shared.slowLog.take(verb, nanoseconds: nanoseconds)
        return writer.buffer
    }
}
