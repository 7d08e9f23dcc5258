import Domain
import Engine
import Logging
import NIOCore
import Testing
import Wire

@testable import Server

/// What a command costs on its way from bytes to reply, with all that counts and times it.
@Suite struct WarmCommandTests {
    #if DEBUG
        private static let times = 100
    #else
        private static let times = 2_000
    #endif

    /// Executes commands as an event loop does, on the calling thread.
    private final class Loop {
        private let executor: CommandExecutor
        private var session = Session(id: 1, isAuthenticated: true)
        var writer = ReplyWriter(buffer: ByteBufferAllocator().buffer(capacity: 65_536))

        init(_ shared: ServerShared) throws {
            executor = CommandExecutor(
                shared: shared, ranker: try shared.engine.makeRanker(), reader: nil,
                scanRowsMax: .max, meter: RequestMeter(tracesEvery: 17))
        }

        /// A command whose arguments are found already.
        func run(_ bytes: [UInt8], _ ranges: [ByteRange]) throws {
            writer.buffer.clear()
            writer.outcome = .ok
            executor.meter.begin()
            executor.meter.lap(.read)
            let arguments = CommandArguments(ranges: ranges.span, bytes: bytes.span)
            let command = try CommandParser.parse(arguments)
            executor.meter.lap(.parse)
            _ = executor.execute(command, arguments, session: &session, writer: &writer)
            executor.meter.end(command.name, writer.outcome)
        }
    }

    private static func packed(_ words: [[UInt8]]) -> ([UInt8], [ByteRange]) {
        var bytes: [UInt8] = []
        var ranges: [ByteRange] = []
        for word in words {
            ranges.append(ByteRange(offset: bytes.count, count: word.count))
            bytes += word
        }
        return (bytes, ranges)
    }

    @Test func `counting and timing a warm command allocates nothing`() throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let shared = try CairnServer.shared(
            .shipped(), models: ServerModels.load(gatePath: ""), logger: logger)
        let loop = try Loop(shared)
        let (bytes, ranges) = Self.packed(words(of: "PING"))
        try loop.run(bytes, ranges)
        var before = Memory.allocatedByThread
        for _ in 0..<Self.times { try loop.run(bytes, ranges) }
        #expect(Memory.allocatedByThread - before == 0)
        let meter = RequestMeter(tracesEvery: 2)
        before = Memory.allocatedByThread
        for _ in 0..<Self.times {
            meter.begin()
            meter.lap(.read)
            meter.lap(.parse)
            meter.lap(.resolve)
            meter.lap(.score)
            _ = shared.slowLog.admits(nanoseconds: meter.lapLast(.slate) / 1_000_000)
            shared.slowLog.take(.export, nanoseconds: meter.end(.rank, .partial) / 1_000_000)
            meter.endWrite(meter.beginWrite())
        }
        #expect(Memory.allocatedByThread - before == 0)
    }
}
