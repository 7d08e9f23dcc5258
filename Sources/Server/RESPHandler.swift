import Domain
import Logging
import NIOCore
import Wire

/// One connection: bytes in, commands out to the executor, replies back, one flush a read.
///
/// Commands are parsed where they lie and answered into one buffer. Replies keep the order of their
/// commands: while a worker works for the connection nothing more is carried out for it, and while
/// changes wait for their sync only more changes are.
final class RESPHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State {
        case open
        /// A worker has a command of ours, or one must come after changes that wait for their sync:
        /// nothing more is carried out until all replies are there.
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
    /// Replies that are to come, and what must come after them.
    private var owed = ReplyLine()
    /// Changes of ours that have not had their turn.
    private var inLineCount = 0
    private var isFlushDue = false
    /// What came is no RESP: the connection ends when the replies before are there.
    private var broken: WireError?
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
        case .open: if owed.isEmpty { finish() }
        case .waiting, .closing: break
        case .lingering: context?.close(promise: nil)
        }
    }

    /// Called once a second: what has begun, a command or the end, must be over in time.
    func sweep() {
        switch state {
        case .waiting: sweepsUnfinished = 0
        case .open:
            let isUnfinished = input.readableBytes > 0 && owed.isEmpty
            sweepsUnfinished = isUnfinished ? sweepsUnfinished + 1 : 0
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

    /// Carries out all whole commands of the input, until one has to wait.
    private func process() {
        // The buffer leaves the handler meanwhile, so that its storage has one owner.
        var bytes = input
        input = ByteBuffer()
        var used = 0
        do throws(WireError) {
            used = try takeCommands(from: bytes)
        } catch {
            loop.shared.counters.protocolErrors.increment()
            broken = error
            if owed.isEmpty { finishBroken(error) } else { state = .waiting }
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
            guard carryOut(decoder.arguments(in: rest)) else { break }
            decoder.isTrusted = session.isAuthenticated
            used += count
            if writer.buffer.readableBytes >= Limits.flushBytes { flush() }
        }
        return used
    }

    /// Carries a command out; false when it has to wait for the replies before it, and to come again.
    ///
    /// The decoder must not change meanwhile: the arguments are a view into it.
    private func carryOut(_ arguments: CommandArguments) -> Bool {
        guard !arguments.isEmpty else { return true }
        writer.outcome = .ok
        let command: Command
        do throws(CommandError) {
            command = try CommandParser.parse(arguments)
        } catch {
            refuse(error.message, CommandTable.name(arguments[0]), .error)
            return true
        }
        meter.lap(.parse)
        if !owed.isEmpty, !command.sharesSyncs || owed.count >= Limits.unansweredChangesMax {
            state = .waiting
            return false
        }
        if let refusal = refusal(of: command.name) {
            refuse(refusal, command.name, .refused)
            return true
        }
        loop.shared.counters.commands.increment()
        session.arrived = arrived
        if owed.isEmpty { execute(command, arguments) } else { executeBehind(command, arguments) }
        return true
    }

    private func execute(_ command: Command, _ arguments: CommandArguments) {
        let outcome = loop.executor.execute(
            command, arguments, session: &session, writer: &writer)
        if command.budget != nil {
            loop.arrivals.use()
            flush()  // in time, whatever else has come with it
        }
        let verb = command.name
        switch outcome {
        case .replied: end(verb)
        case .close:
            end(verb)
            finish()
        case .reset:
            end(verb)
            reset()
        case .handOver(let job): handOver(job, verb)
        case .waits(let reply):
            if !command.sharesSyncs { state = .waiting }
            wait(for: reply, verb)
        }
    }

    /// Carries a change out whose reply must come after others that are to come.
    private func executeBehind(_ command: Command, _ arguments: CommandArguments) {
        var later = ReplyWriter(form: writer.form)
        switch loop.executor.execute(command, arguments, session: &session, writer: &later) {
        case .replied:
            let (written, outcome) = (later.buffer, later.outcome)
            owed.append(command.name, cameAt: meter.handOver()) { _, writer in
                writer.buffer.writeImmutableBuffer(written)
                writer.outcome = outcome
            }
        case .close, .reset: preconditionFailure("no change ends or resets a connection")
        case .handOver(let job): handOver(job, command.name)
        case .waits(let reply): wait(for: reply, command.name)
        }
    }

    /// Replies with an error to what is not carried out.
    private func refuse(_ message: String, _ verb: CommandName?, _ outcome: ReplyOutcome) {
        loop.shared.counters.commands.increment()
        loop.shared.counters.commandErrors.increment()
        guard !owed.isEmpty else {
            writer.error(message)
            meter.end(verb, outcome)
            return
        }
        owed.append(verb, cameAt: meter.handOver()) { _, writer in
            writer.error(message)
            writer.outcome = outcome
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
        let number = owed.expect(verb, cameAt: meter.handOver())
        let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
        loop.workers.run(job, on: context.eventLoop) { body in
            handler.value.take(body, for: number)
        }
    }

    private func wait(for reply: DeferredReply, _ verb: CommandName) {
        guard let context else { return }
        let number = owed.expect(verb, cameAt: meter.handOver())
        let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
        let isInLine = reply.isInLine
        if isInLine {
            inLineCount += 1
            if inLineCount == Limits.changesInLineMax { state = .waiting }
        }
        reply.whenReady { body in
            handler.eventLoop.execute {
                if isInLine { handler.value.inLineCount -= 1 }
                handler.value.take(body, for: number)
            }
        }
    }

    /// A reply that was waited for is there: it goes out with all that waited for it alone, and what
    /// came meanwhile is carried out.
    private func take(_ body: @escaping ReplyBody, for number: Int) {
        owed.fulfil(number, with: body)
        while let (body, verb, cameAt) = owed.next() {
            writer.outcome = .ok
            body(&session, &writer)
            let nanoseconds = meter.end(verb, writer.outcome, cameAt: cameAt)
            if let verb { loop.shared.slowLog.take(verb, nanoseconds: nanoseconds) }
        }
        switch state {
        case .open, .waiting: if context == nil { return abandonCatalogue() }
        // The client is gone, and may have begun a catalogue with its last command.
        case .closing, .lingering: return abandonCatalogue()
        }
        guard owed.isEmpty else { return flushSoon() }
        if let broken { return finishBroken(broken) }
        state = .open
        process()
        flush()
        guard case .open = state else { return }
        if isEnding, owed.isEmpty { return finish() }
        if isReadHeld {
            isReadHeld = false
            context?.read()
        }
    }

    private func finishBroken(_ error: WireError) {
        writer.error(error.message)
        finish(isLingering: true)
    }

    /// Flushes when what else comes at the same moment is there: replies of one sync come together.
    private func flushSoon() {
        guard let context, !isFlushDue else { return }
        isFlushDue = true
        let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.execute {
            handler.value.isFlushDue = false
            handler.value.flush()
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
