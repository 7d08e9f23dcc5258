import Domain
import Engine
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Text
import Wire

/// Threads that scan large catalogues and read texts, so that no event loop stands still meanwhile.
final class Workers: Sendable {
    private let pool: NIOThreadPool
    /// A lock that ThreadSanitizer can see.
    private let idle: NIOLockedValueBox<[Executors]>

    /// What one thread answers with. A ranker is used by one thread at a time: whoever holds them.
    struct Executors: @unchecked Sendable {
        let commands: CommandExecutor
        let bids: BidExecutor

        init(_ shared: ServerShared) throws {
            let ranker = try shared.engine.makeRanker()
            let reader = try MessageReader(model: shared.text, gate: shared.gate)
            let meter = RequestMeter(tracesEvery: 1)
            shared.tallies.add(meter.tally, isLoop: false)
            commands = CommandExecutor(
                shared: shared, ranker: ranker, reader: reader, scanRowsMax: .max, meter: meter)
            bids = try BidExecutor(shared, ranker: ranker, reader: reader, isWorker: true)
        }
    }

    init(_ shared: ServerShared, count: Int) throws {
        pool = NIOThreadPool(numberOfThreads: count)
        var executors: [Executors] = []
        for _ in 0..<count { executors.append(try Executors(shared)) }
        idle = NIOLockedValueBox(executors)
        pool.start()
    }

    func stop() async throws { try await pool.shutdownGracefully() }

    /// Carries the job out and hands over on the event loop what writes its reply.
    func run(
        _ job: WorkerJob, on eventLoop: any EventLoop,
        then finish: @escaping @Sendable (@escaping ReplyBody) -> Void
    ) {
        submit { executors in
            guard let executors else {
                eventLoop.execute {
                    finish { _, writer in
                        writer.error("ERR the server is stopping", code: .stopping)
                    }
                }
                return
            }
            Self.reply(to: job, executors.commands).whenReady { body in
                eventLoop.execute { finish(body) }
            }
        }
    }

    /// Hands `work` the executors of the thread that it is called on; `nil` when the threads have
    /// been told to end.
    func submit(_ work: @escaping @Sendable (Executors?) -> Void) {
        pool.submit { [self] state in
            guard case .active = state else { return work(nil) }
            guard let lent = idle.withLockedValue({ $0.popLast() }) else {
                preconditionFailure("there are as many executors as threads")
            }
            defer { idle.withLockedValue { $0.append(lent) } }
            work(lent)
        }
    }

    private static func reply(to job: WorkerJob, _ executor: CommandExecutor) -> DeferredReply {
        var writer = ReplyWriter(buffer: ByteBuffer(), form: job.form)
        // No command that comes here asks or changes what its connection is, but for this.
        var session = Session(id: 0, isAuthenticated: true)
        session.isLoadingCatalogue = job.isLoadingCatalogue
        session.arrived = job.arrived
        executor.meter.begin(cameAt: job.cameAt)
        let outcome = executor.execute(
            job.command, job.arguments, session: &session, writer: &writer)
        if case .waits(let reply) = outcome { return reply }
        let (written, said) = (writer.buffer, writer.outcome)
        return DeferredReply { finish in
            finish { _, writer in
                var written = written
                writer.buffer.writeBuffer(&written)
                writer.outcome = said
            }
        }
    }
}
