import NIOCore

/// One connection of the generator: commands out, replies matched with them in their order.
///
/// It knows nothing of schedules; the driver of its loop decides what is sent and records what
/// comes.
final class ClientConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let driver: LoadDriver
    /// The reply to `AUTH`, which is nobody's request.
    private var greeting: EventLoopPromise<Void>?
    private(set) var pending = CircularBuffer<PendingRequest>()
    var writer = CommandWriter()
    /// It has commands that are not flushed yet.
    var isTouched = false
    private var scanner = ReplyScanner()
    private var input = ByteBuffer()
    /// Bytes of the reply that is not all there yet.
    private var replyBytes = 0
    private var context: ChannelHandlerContext?
    private var failure: String?
    /// Its end is the generator's own will.
    private var isEnding = false

    init(driver: LoadDriver, greeting: EventLoopPromise<Void>) {
        self.driver = driver
        self.greeting = greeting
    }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func channelActive(context: ChannelHandlerContext) {
        guard let password = driver.password else { return greet(.success(())) }
        writer.command("AUTH", password)
        flush()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        failure = FailureWords.words(of: error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        let reason = failure ?? "closed by the server"
        greet(.failure(LoadError.connect(target: driver.targetName, reason: reason)))
        self.context = nil
        guard !isEnding else { return }
        driver.lost(self, reason: reason)
    }

    func end() {
        isEnding = true
        context?.close(promise: nil)
    }

    private func greet(_ result: Result<Void, any Error>) {
        greeting?.completeWith(result)
        greeting = nil
    }

    // MARK: Commands

    /// The command has been written to `writer`.
    func expect(_ request: PendingRequest) { pending.append(request) }

    func flush() {
        isTouched = false
        guard let context, writer.count > 0 else { return }
        context.writeAndFlush(wrapOutboundOut(writer.bytes), promise: nil)
        writer.clear()
    }

    /// Those whose replies will not come.
    func takePending() -> [PendingRequest] {
        defer { pending.removeAll() }
        return Array(pending)
    }

    // MARK: Replies

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if input.readableBytes > 0 {
            input.writeBuffer(&bytes)
            swap(&input, &bytes)
        }
        input = ByteBuffer()
        do throws(ReplyScanner.Failure) {
            bytes.moveReaderIndex(forwardBy: try takeReplies(from: bytes, at: LoadClock.now))
            guard bytes.readableBytes > 0 else { return }
            bytes.discardReadBytes()
            input = bytes
        } catch {
            failure = "not RESP: \(error.message)"
            context.close(promise: nil)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        driver.replied(self)
        context.fireChannelReadComplete()
    }

    /// Returns how many bytes have been understood; the rest is the beginning of a line.
    private func takeReplies(
        from buffer: ByteBuffer, at now: UInt64
    ) throws(ReplyScanner.Failure) -> Int {
        let bytes = buffer.readableBytesUInt8Span
        var position = 0
        while true {
            let start = position
            let outcome = try scanner.next(in: bytes, from: &position)
            replyBytes += position - start
            guard let outcome else { return position }
            try take(outcome, now)
            replyBytes = 0
        }
    }

    private func take(
        _ outcome: ReplyScanner.Outcome, _ now: UInt64
    ) throws(ReplyScanner.Failure) {
        if greeting != nil {
            guard case .error(_, let message) = outcome else { return greet(.success(())) }
            return greet(
                .failure(LoadError.connect(target: driver.targetName, reason: message)))
        }
        guard let request = pending.popFirst() else {
            throw ReplyScanner.Failure(message: "a reply that nothing was asked for")
        }
        driver.answered(self, request, outcome, bytes: replyBytes, at: now)
    }
}
