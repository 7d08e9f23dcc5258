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
    private let idle: NIOLockedValueBox<[Executor]>

    /// A ranker is used by one thread at a time: whoever holds the executor.
    private struct Executor: @unchecked Sendable {
        let executor: CommandExecutor
    }

    init(_ shared: ServerShared, count: Int) throws {
        pool = NIOThreadPool(numberOfThreads: count)
        var executors: [Executor] = []
        for _ in 0..<count {
            let meter = RequestMeter(tracesEvery: 1)
            shared.tallies.add(meter.tally, isLoop: false)
            executors.append(
                Executor(
                    executor: CommandExecutor(
                        shared: shared, ranker: try shared.engine.makeRanker(),
                        reader: try MessageReader(model: shared.text, gate: shared.gate),
                        scanRowsMax: .max, meter: meter)))
        }
        idle = NIOLockedValueBox(executors)
        pool.start()
    }

    func stop() async throws { try await pool.shutdownGracefully() }

    /// Carries the job out and hands over on the event loop what writes its reply.
    func run(
        _ job: WorkerJob, on eventLoop: any EventLoop,
        then finish: @escaping @Sendable (@escaping ReplyBody) -> Void
    ) {
        pool.submit { [self] state in
            guard case .active = state else {
                eventLoop.execute {
                    finish { _, writer in
                        writer.error("ERR the server is stopping", code: .stopping)
                    }
                }
                return
            }
            reply(to: job).whenReady { body in eventLoop.execute { finish(body) } }
        }
    }

    private func reply(to job: WorkerJob) -> DeferredReply {
        guard let lent = idle.withLockedValue({ $0.popLast() }) else {
            preconditionFailure("there are as many executors as threads")
        }
        defer { idle.withLockedValue { $0.append(lent) } }
        var writer = ReplyWriter(buffer: ByteBuffer(), form: job.form)
        // No command that comes here asks or changes what its connection is, but for this.
        var session = Session(id: 0, isAuthenticated: true)
        session.isLoadingCatalogue = job.isLoadingCatalogue
        session.arrived = job.arrived
        lent.executor.meter.begin(cameAt: job.cameAt)
        let outcome = lent.executor.execute(
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
