import NIOCore
import NIOPosix
import Synchronization
import Wire

/// A server of this process that answers as a test says: by a function of the command's words and
/// of how many commands came before.
final class TinyServer: Sendable {
    enum Answer: Sendable {
        /// Bytes as they go over the wire.
        case bytes(String)
        /// The same, and this and all later replies of the connection wait so long.
        case stall(String, TimeAmount)
        case hangUp
        /// A byte a write.
        case crumbs(String)
    }

    typealias Rule = @Sendable (_ words: [String], _ index: Int) -> Answer

    let port: Int
    private let log: CommandLog

    /// All commands so far.
    var commands: [[String]] { log.commands }

    private init(port: Int, log: CommandLog) {
        self.port = port
        self.log = log
    }

    /// Starts a server, hands it to `body`, and stops it, whatever `body` does.
    static func with<Result: Sendable>(
        _ rule: @escaping Rule, _ body: @Sendable (TinyServer) async throws -> Result
    ) async throws -> Result {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let outcome: Swift.Result<Result, any Error>
        do {
            let log = CommandLog()
            let channel = try await ServerBootstrap(group: group)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            TinyHandler(rule: rule, log: log))
                    }
                }
                .bind(host: "127.0.0.1", port: 0).get()
            let server = TinyServer(port: channel.localAddress?.port ?? 0, log: log)
            outcome = .success(try await body(server))
        } catch {
            outcome = .failure(error)
        }
        try await group.shutdownGracefully()
        return try outcome.get()
    }
}

private final class CommandLog: Sendable {
    private let words = Mutex<[[String]]>([])

    var commands: [[String]] { words.withLock { $0 } }

    /// Returns how many came before.
    func append(_ command: [String]) -> Int {
        words.withLock {
            $0.append(command)
            return $0.count - 1
        }
    }
}

private final class TinyHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let rule: TinyServer.Rule
    private let log: CommandLog
    private var decoder = RESPDecoder()
    private var input = ByteBuffer()
    private var waiting: [String]?

    init(rule: @escaping TinyServer.Rule, log: CommandLog) {
        self.rule = rule
        self.log = log
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        input.writeBuffer(&bytes)
        for command in takeCommands() {
            answer(rule(command, log.append(command)), context)
        }
        context.flush()
    }

    private func takeCommands() -> [[String]] {
        var commands: [[String]] = []
        let used = readCommands(of: input) { commands.append($0) }
        input.moveReaderIndex(forwardBy: used)
        return commands
    }

    /// Returns how many bytes they took.
    private func readCommands(of buffer: ByteBuffer, _ body: ([String]) -> Void) -> Int {
        let all = buffer.readableBytesUInt8Span
        var used = 0
        while used < all.count {
            let rest = all.extracting(used...)
            guard let count = try? decoder.next(in: rest) else { break }
            let arguments = decoder.arguments(in: rest)
            var words: [String] = []
            for index in 0..<arguments.count { words.append(text(of: arguments[index])) }
            body(words)
            used += count
        }
        return used
    }

    private func text(of bytes: Span<UInt8>) -> String {
        var copy: [UInt8] = []
        for index in bytes.indices { copy.append(bytes[index]) }
        return String(decoding: copy, as: UTF8.self)
    }

    private func answer(_ answer: TinyServer.Answer, _ context: ChannelHandlerContext) {
        switch answer {
        case .bytes(let text): write(text, context)
        case .hangUp:
            context.flush()
            context.close(promise: nil)
        case .crumbs(let text):
            for byte in text.utf8 {
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: [byte])), promise: nil)
            }
        case .stall(let text, let time):
            waiting = [text]
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            context.eventLoop.scheduleTask(in: time) {
                let (handler, context) = bound.value
                let held = handler.waiting ?? []
                handler.waiting = nil
                for text in held { handler.write(text, context) }
                context.flush()
            }
        }
    }

    private func write(_ text: String, _ context: ChannelHandlerContext) {
        if waiting != nil {
            waiting?.append(text)
        } else {
            context.write(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        }
    }
}
