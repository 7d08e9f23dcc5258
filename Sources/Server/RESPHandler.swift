import Domain
import Logging
import NIOCore
import Wire

/// One connection: bytes in, commands out to the executor, replies back, one flush a read.
///
/// Commands are parsed where they lie and answered into one buffer. While a worker works for the
/// connection nothing more is read from it, so replies keep the order of their commands.
final class RESPHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State {
        case open
        /// A worker has a command of ours, or the journal a change.
        case waiting
        /// What is written goes out, then the connection ends; nothing more is carried out.
        case closing
        /// All is written; what the client still sends is dropped until it has read that and ends.
        /// To close while bytes are unread would be a reset, which can overtake the last reply.
        case lingering
    }

    private static let outputBytesAtFirst = 4_096

    private let loop: LoopState
    private var session: Session
    private var state = State.open
    private var decoder = RESPDecoder()
    private var writer: ReplyWriter
    /// Bytes that are no whole command yet, or that wait for a worker.
    private var input = ByteBuffer()
    /// When the input's last bytes came, on the monotonic clock, where budgets ask for it.
    private var arrived: Int64?
    private var isReadHeld = false
    /// The connection ends with the commands that have come: the client has sent its last byte, or
    /// the server stops.
    private var isEnding = false
    private var context: ChannelHandlerContext?
    /// Sweeps, one a second, that have found the same command, or the same end, unfinished.
    private var sweepsUnfinished = 0
    /// Bytes that the client had left to read when the last sweep looked at its end.
    private var unreadBytes = Int.max
    /// The command that is waited for.
    private var waiting: (verb: CommandName, cameAt: Int64)?
    private var meter: RequestMeter { loop.meter }

    init(loop: LoopState, session: Session) {
        self.loop = loop
        self.session = session
        writer = ReplyWriter()
        decoder.isTrusted = session.isAuthenticated
    }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        writer.buffer = context.channel.allocator.buffer(
            capacity: Self.outputBytesAtFirst)
        loop.add(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        abandonCatalogue()
        loop.remove(self)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        loop.shared.logger.debug("connection failed", metadata: ["error": "\(error)"])
        context.close(promise: nil)
    }

    /// Ends the connection as soon as its commands in flight are answered.
    func end() {
        isEnding = true
        switch state {
        case .open: finish()
        case .waiting, .closing: break
        case .lingering: context?.close(promise: nil)
        }
    }

    /// Called once a second: what has begun, a command or the end, must be over in time.
    func sweep() {
        switch state {
        case .waiting: sweepsUnfinished = 0
        case .open:
            sweepsUnfinished = input.readableBytes > 0 ? sweepsUnfinished + 1 : 0
            if sweepsUnfinished > loop.shared.configuration.partialCommandSeconds { giveUp() }
        case .closing, .lingering:
            let left = bufferedBytes
            sweepsUnfinished = left < unreadBytes ? 0 : sweepsUnfinished + 1
            unreadBytes = left
            if sweepsUnfinished > Limits.closingSeconds { context?.close(promise: nil) }
        }
    }

    /// Written, and not yet taken by the socket.
    private var bufferedBytes: Int {
        (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    private func giveUp() {
        loop.shared.counters.slowWriters.increment()
        loop.shared.logger.notice(
            "disconnected a client that did not finish its command",
            metadata: ["connection": "\(session.id)"])
        writer.error("ERR the command was not complete in time")
        finish()
    }

    private func abandonCatalogue() {
        if session.isLoadingCatalogue { loop.abortCatalogue() }
        session.isLoadingCatalogue = false
    }

    // MARK: Reading

    func read(context: ChannelHandlerContext) {
        switch state {
        case .open, .lingering: context.read()
        case .waiting, .closing: isReadHeld = true
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        switch state {
        case .open, .waiting: break
        case .closing, .lingering: return
        }
        loop.arrivals.read()
        // What waits for a worker keeps the time of its own arrival.
        if case .open = state { arrived = loop.arrivals.earliest }
        if input.readableBytes == 0 {
            input = bytes
        } else {
            input.writeBuffer(&bytes)
        }
        process()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        flush()
        context.fireChannelReadComplete()
    }

    /// A client that shuts its side down gets its replies first.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { end() }
        context.fireUserInboundEventTriggered(event)
    }

    // MARK: Commands

    /// Carries out all whole commands of the input, until one is handed to a worker.
    private func process() {
        // The buffer leaves the handler meanwhile, so that its storage has one owner.
        var bytes = input
        input = ByteBuffer()
        var used = 0
        do throws(WireError) {
            used = try takeCommands(from: bytes)
        } catch {
            loop.shared.counters.protocolErrors.increment()
            writer.error(error.message)
            finish(isLingering: true)
            return
        }
        if used > 0 { sweepsUnfinished = 0 }
        bytes.moveReaderIndex(forwardBy: used)
        guard bytes.readableBytes > 0 else { return }
        switch state {
        case .open, .waiting:
            bytes.discardReadBytes()
            input = bytes
        case .closing, .lingering: break
        }
    }

    /// Returns how many bytes the commands took that were carried out.
    private func takeCommands(from bytes: ByteBuffer) throws(WireError) -> Int {
        let all = bytes.readableBytesUInt8Span
        var used = 0
        meter.begin()
        while used < all.count, case .open = state {
            let rest = all.extracting(used...)
            guard let count = try decoder.next(in: rest) else { break }
            meter.lap(.read)
            carryOut(decoder.arguments(in: rest))
            decoder.isTrusted = session.isAuthenticated
            used += count
            if writer.buffer.readableBytes >= Limits.flushBytes { flush() }
        }
        return used
    }

    /// The decoder must not change meanwhile: the arguments are a view into it.
    private func carryOut(_ arguments: CommandArguments) {
        guard !arguments.isEmpty else { return }
        loop.shared.counters.commands.increment()
        writer.outcome = .ok
        let command: Command
        do throws(CommandError) {
            command = try CommandParser.parse(arguments)
        } catch {
            loop.shared.counters.commandErrors.increment()
            writer.error(error.message)
            meter.end(CommandTable.name(arguments[0]), .error)
            return
        }
        meter.lap(.parse)
        let verb = command.name
        if let refusal = refusal(of: verb) {
            loop.shared.counters.commandErrors.increment()
            writer.error(refusal)
            meter.end(verb, .refused)
            return
        }
        session.arrived = arrived
        let outcome = loop.executor.execute(
            command, arguments, session: &session, writer: &writer)
        if command.budget != nil {
            loop.arrivals.use()
            flush()  // in time, whatever else has come with it
        }
        switch outcome {
        case .replied: end(verb)
        case .close:
            end(verb)
            finish()
        case .reset:
            end(verb)
            reset()
        case .handOver(let job): handOver(job, verb)
        case .waits(let reply): wait(for: reply, verb)
        }
    }

    /// Why no such command is carried out now.
    private func refusal(of verb: CommandName) -> String? {
        if !session.isAuthenticated, !CommandTable.row(of: verb).flags.contains(.noAuth) {
            return "NOAUTH Authentication required."
        }
        if loop.shared.isLoading, !CommandTable.row(of: verb).flags.contains(.loading) {
            return "LOADING Cairn is loading the data"
        }
        return nil
    }

    /// The command in hand is answered.
    private func end(_ verb: CommandName) {
        let nanoseconds = meter.end(verb, writer.outcome)
        loop.shared.slowLog.take(verb, nanoseconds: nanoseconds)
    }

    private func reset() {
        abandonCatalogue()
        session.reset(isAuthenticated: !loop.shared.requiresPassword)
        writer.version = .two
    }

    private func handOver(_ job: WorkerJob, _ verb: CommandName) {
        guard let context else { return }
        state = .waiting
        waiting = (verb, meter.handOver())
        let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
        loop.workers.run(job, on: context.eventLoop) { body in handler.value.resume(with: body) }
    }

    private func wait(for reply: DeferredReply, _ verb: CommandName) {
        guard let context else { return }
        state = .waiting
        waiting = (verb, meter.handOver())
        let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
        reply.whenReady { body in
            handler.eventLoop.execute { handler.value.resume(with: body) }
        }
    }

    /// What was waited for is there: its reply goes out, and what came meanwhile is carried out.
    private func resume(with body: ReplyBody) {
        body(&session, &writer)
        if let (verb, cameAt) = waiting.take() {
            let nanoseconds = meter.end(verb, writer.outcome, cameAt: cameAt)
            loop.shared.slowLog.take(verb, nanoseconds: nanoseconds)
        }
        guard let context, case .waiting = state else {
            // The client is gone, and may have begun a catalogue with its last command.
            return abandonCatalogue()
        }
        state = .open
        process()
        flush()
        guard case .open = state else { return }
        if isEnding { return finish() }
        if isReadHeld {
            isReadHeld = false
            context.read()
        }
    }

    // MARK: Writing

    private func flush() {
        guard writer.buffer.readableBytes > 0 else { return }
        write(promise: nil)
    }

    /// Flushes, and ends the connection when all is written.
    ///
    /// - Parameter isLingering: The client may be in the middle of sending.
    private func finish(isLingering: Bool = false) {
        guard let context else { return }
        state = .closing
        sweepsUnfinished = 0
        let written = context.eventLoop.makePromise(of: Void.self)
        let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
        written.futureResult.whenComplete { _ in
            if isLingering { handler.value.linger() } else { handler.value.close() }
        }
        write(promise: written)
    }

    private func linger() {
        guard let context, case .closing = state, !isEnding else { return close() }
        state = .lingering
        context.close(mode: .output, promise: nil)
        context.read()
    }

    private func close() { context?.close(promise: nil) }

    /// Hands what is written to the socket. A client that leaves too much of it unread is cut off.
    private func write(promise: EventLoopPromise<Void>?) {
        guard let context else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        let beganAt = meter.beginWrite()
        context.writeAndFlush(wrapOutboundOut(writer.buffer), promise: promise)
        meter.endWrite(beganAt)
        if writer.buffer.capacity > Limits.outputBytesKeptMax {
            writer.buffer = context.channel.allocator.buffer(capacity: Self.outputBytesAtFirst)
        } else {
            writer.buffer.clear()
        }
        // Asked only now: what the socket has taken does not count.
        guard !context.channel.isWritable, context.channel.isActive else { return }
        loop.shared.counters.slowReaders.increment()
        loop.shared.logger.notice(
            "disconnected a client that left its replies unread",
            metadata: [
                "connection": "\(session.id)",
                "limit_bytes": "\(loop.shared.configuration.outputBytesMax)",
            ])
        state = .closing
        context.close(promise: nil)
    }
}
