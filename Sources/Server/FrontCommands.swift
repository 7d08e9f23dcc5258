import HTTP
import NIOCore
import Synchronization
import Wire

/// Carries out what comes by HTTP: on the event loops and workers that serve RESP, through the same
/// executor.
final class FrontCommands: CommandService {
    private let shared: ServerShared
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

    func makeSession(on eventLoop: any EventLoop) -> any CommandSession {
        guard let loop = loops.first(where: { $0.eventLoop === eventLoop }) else {
            preconditionFailure("the front serves on the server's event loops")
        }
        return FrontSession(loop)
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
        state.shared.counters.commands.increment()
        var writer = ReplyWriter(form: .json)
        guard !state.shared.isLoading else {
            writer.error("LOADING Cairn is loading the data", code: .loading)
            return finish(writer.buffer)
        }
        let outcome = state.executor.execute(
            request.command, request.arguments, session: &session.value, writer: &writer)
        switch outcome {
        case .replied, .close, .reset: finish(writer.buffer)
        case .handOver(let job):
            state.workers.run(job, on: eventLoop) { body in finish(self.reply(body)) }
        case .waits(let reply):
            reply.whenReady { body in eventLoop.execute { finish(self.reply(body)) } }
        }
    }

    /// On the event loop.
    private func reply(_ body: ReplyBody) -> ByteBuffer {
        var writer = ReplyWriter(form: .json)
        body(&session.value, &writer)
        return writer.buffer
    }
}
