import Domain
import Logging
import NIOCore
import Wire

/// One connection: bytes in, commands out to the executor, replies back, one flush a read.
///
/// Commands are parsed where they lie and answered into one buffer. While a worker scans for the
/// connection nothing more is read from it, so replies keep the order of their commands.
final class RESPHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State {
        case open
        /// A worker has a command of ours.
        case scanning
        /// What is written is flushed, then the connection ends.
        case closing
    }

    private let loop: LoopState
    private var session: Session
    private var state = State.open
    private var decoder = RESPDecoder()
    private var writer: ReplyWriter
    /// Bytes that are no whole command yet, or that wait for a worker.
    private var input = ByteBuffer()
    private var isReadHeld = false
    private var isDraining = false
    private var context: ChannelHandlerContext?
    /// Sweeps, one a second, that have found the same command unfinished.
    private var sweepsUnfinished = 0

    init(loop: LoopState, session: Session) {
        self.loop = loop
        self.session = session
        writer = ReplyWriter()
        decoder.isTrusted = session.isAuthenticated
    }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        writer.buffer = context.channel.allocator.buffer(capacity: 4_096)
        loop.add(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        if session.isLoadingCatalogue { loop.abortCatalogue() }
        loop.remove(self)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        loop.shared.logger.debug("connection failed", metadata: ["error": "\(error)"])
        context.close(promise: nil)
    }

    /// Ends the connection as soon as its commands in flight are answered.
    func drain() {
        isDraining = true
        if case .scanning = state { return }
        finish()
    }

    /// Called once a second: a command that has begun must end in time.
    func sweep() {
        let isUnfinished: Bool
        if case .open = state {
            isUnfinished = input.readableBytes > 0
        } else {
            isUnfinished = false
        }
        sweepsUnfinished = isUnfinished ? sweepsUnfinished + 1 : 0
        guard sweepsUnfinished > loop.shared.configuration.partialCommandSeconds else { return }
        loop.shared.counters.slowWriters.increment()
        loop.shared.logger.notice(
            "disconnected a client that did not finish its command",
            metadata: ["connection": "\(session.id)"])
        writer.error("ERR the command was not complete in time")
        finish()
    }

    // MARK: Reading

    func read(context: ChannelHandlerContext) {
        if case .scanning = state {
            isReadHeld = true
        } else {
            context.read()
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
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

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        guard !context.channel.isWritable else { return }
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
            finish()
            return
        }
        bytes.moveReaderIndex(forwardBy: used)
        if bytes.readableBytes > 0, case .closing = state {
        } else if bytes.readableBytes > 0 {
            bytes.discardReadBytes()
            input = bytes
        }
        if used > 0 { sweepsUnfinished = 0 }
    }

    /// Returns how many bytes the commands took that were carried out.
    private func takeCommands(from bytes: ByteBuffer) throws(WireError) -> Int {
        let all = bytes.readableBytesUInt8Span
        var used = 0
        while used < all.count, case .open = state {
            let rest = all.extracting(used...)
            guard let count = try decoder.next(in: rest) else { break }
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
        let command: Command
        do throws(CommandError) {
            command = try CommandParser.parse(arguments)
        } catch {
            loop.shared.counters.commandErrors.increment()
            writer.error(error.message)
            return
        }
        guard session.isAuthenticated || CommandTable.row(of: command.name).flags.contains(.noAuth)
        else {
            loop.shared.counters.commandErrors.increment()
            writer.error("NOAUTH Authentication required.")
            return
        }
        let outcome = loop.executor.execute(
            command, arguments, session: &session, writer: &writer)
        switch outcome {
        case .replied: break
        case .close: state = .closing
        case .reset: reset()
        case .scan(let job): scan(job)
        }
        if case .closing = state { finish() }
    }

    private func reset() {
        if session.isLoadingCatalogue { loop.abortCatalogue() }
        session.reset(isAuthenticated: !loop.shared.requiresPassword)
        writer.version = .two
    }

    private func scan(_ job: ScanJob) {
        guard let context else { return }
        state = .scanning
        let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
        loop.workers.run(job, on: context.eventLoop) { reply in handler.value.resume(with: reply) }
    }

    /// A worker is done: its reply goes out, and what came meanwhile is carried out.
    private func resume(with reply: ByteBuffer) {
        guard let context, case .scanning = state else { return }
        state = .open
        var reply = reply
        writer.buffer.writeBuffer(&reply)
        process()
        flush()
        if case .scanning = state { return }
        if isDraining { return finish() }
        if isReadHeld {
            isReadHeld = false
            context.read()
        }
    }

    // MARK: Writing

    private func flush() {
        guard writer.buffer.readableBytes > 0, let context else { return }
        context.writeAndFlush(wrapOutboundOut(writer.buffer), promise: nil)
        writer.buffer.clear()
    }

    /// Flushes and ends the connection.
    private func finish() {
        state = .closing
        flush()
        context?.close(promise: nil)
    }
}
