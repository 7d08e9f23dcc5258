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
            executors.append(
                Executor(
                    executor: CommandExecutor(
                        shared: shared, ranker: try shared.engine.makeRanker(),
                        reader: try MessageReader(model: shared.text, gate: shared.gate),
                        scanRowsMax: .max)))
        }
        idle = NIOLockedValueBox(executors)
        pool.start()
    }

    func stop() async throws { try await pool.shutdownGracefully() }

    /// Carries the job out and hands its reply over on the event loop.
    func run(
        _ job: WorkerJob, on eventLoop: any EventLoop,
        then finish: @escaping @Sendable (ByteBuffer) -> Void
    ) {
        pool.submit { [self] state in
            guard case .active = state else {
                eventLoop.execute { finish(ByteBuffer(string: "-ERR the server is stopping\r\n")) }
                return
            }
            let reply = reply(to: job)
            eventLoop.execute { finish(reply) }
        }
    }

    private func reply(to job: WorkerJob) -> ByteBuffer {
        guard let lent = idle.withLockedValue({ $0.popLast() }) else {
            preconditionFailure("there are as many executors as threads")
        }
        defer { idle.withLockedValue { $0.append(lent) } }
        var writer = ReplyWriter(buffer: ByteBuffer(), version: job.version)
        // No command that comes here asks or changes what its connection is, but for this.
        var session = Session(id: 0, isAuthenticated: true)
        session.isLoadingCatalogue = job.isLoadingCatalogue
        _ = lent.executor.execute(job.command, job.arguments, session: &session, writer: &writer)
        return writer.buffer
    }
}
