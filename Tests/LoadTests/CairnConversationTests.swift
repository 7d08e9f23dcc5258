import Logging
import Server
import ServiceLifecycle
import Testing

@testable import Load

/// The generator against the real server, over real sockets: everything it says must be understood.
struct CairnConversationTests {
    @Test func `a real server answers all that is asked, and ignores nothing`() async throws {
        try await withServer { port in
            for form in LoadPlan.Ranking.Form.allCases {
                var plan = try LoadPlan()
                plan.target.port = port
                plan.work = .mix(
                    try RequestMix("rank=8,recommend=1,like=4,impression=2,chat=8,item=2"))
                plan.population.items = 200
                plan.population.users = 30
                plan.population.likes = 3
                plan.population.chats = 8
                plan.ranking.candidates = try CandidateCounts(least: 5, most: 50, alpha: 1.2)
                plan.ranking.form = form
                plan.ranking.top = 10
                plan.connections = 2
                plan.warmupSeconds = 0
                plan.seconds = 0.5
                plan.rate = 400
                plan.drainSeconds = 60
                let run = try await LoadSession.with(plan) { session in
                    try await session.setUp()
                    return try await session.measure()
                }
                #expect(run.errors.isEmpty)
                #expect(run.ignored.isEmpty)
                #expect(run.answered == run.scheduled && run.scheduled > 100)
                for kind in run.kinds { #expect(kind.answered == kind.sent && kind.sent > 0) }
                let rank = try #require(run.kinds.first { $0.name == "RANK" })
                #expect(rank.replyBytesMean > 100)
            }
        }
    }

    @Test func `ads are loaded with bids, and a surface that is not there is counted`() async throws
    {
        try await withServer { port in
            var plan = try LoadPlan()
            plan.target.port = port
            plan.work = .mix(try RequestMix("rank=1,recommend=1"))
            plan.population.items = 50
            plan.population.users = 5
            plan.population.kind = "ad"
            plan.population.likes = 0
            plan.population.chats = 0
            plan.ranking.candidates = try CandidateCounts("20", alpha: 1)
            plan.ranking.surface = "ads"
            plan.warmupSeconds = 0
            plan.seconds = 0.2
            plan.rate = 300
            plan.drainSeconds = 60
            let good = try await LoadSession.with(plan) { session in
                try await session.setUp()
                return try await session.measure()
            }
            #expect(good.errors.isEmpty)
            plan.ranking.surface = "nowhere"
            let bad = try await plan.measured()
            #expect(bad.answered == 0)
            #expect(bad.errors.count == 1)
            #expect(bad.errorCount == bad.scheduled)
        }
    }

    private func withServer(_ body: @escaping @Sendable (Int) async throws -> Void) async throws {
        var configuration = try ServerConfiguration.shipped()
        configuration.port = 0
        configuration.eventLoops = 1
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let (ports, port) = AsyncStream<Int>.makeStream()
        let server = try CairnServer.make(configuration, logger: logger) { address in
            port.yield(address.port ?? 0)
        }
        let group = ServiceGroup(services: [server], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let bound = try #require(await ports.first { _ in true })
            let outcome: Result<Void, any Error>
            do { outcome = .success(try await body(bound)) } catch { outcome = .failure(error) }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            try outcome.get()
        }
    }
}
