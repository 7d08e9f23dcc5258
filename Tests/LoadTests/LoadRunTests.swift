import Domain
import NIOCore
import Testing

@testable import Load

/// Runs against a server of this process that misbehaves as told. No assertion depends on how fast
/// the machine is: bounds are from below, or counts that must agree.
struct LoadRunTests {
    @Test func `a stall of the server is not hidden`() async throws {
        // 200 a second are due, and at the 20th the server is silent for 0.6 s. Whoever is due at t
        // is answered after 0.1 + 0.6 s at the earliest, so the 60 that are due from 0.1 to 0.4 s
        // have waited 0.3 s or more: one in five, on any machine.
        let run = try await TinyServer.with(
            { _, index in index == 19 ? .stall("+OK\r\n", .milliseconds(600)) : .bytes("+OK\r\n") }
        ) { server in
            try await LoadPlan.templates("GET {seq}", port: server.port) { plan in
                plan.pace = .open(.fixed)
                plan.rate = 200
                plan.seconds = 1.5
                plan.pipeline = 1
            }.measured()
        }
        #expect(run.scheduled == 300)
        #expect(run.answered == 300)
        #expect(run.latency.count == 300)
        #expect(run.latency.p90 >= 290_000)
        #expect(run.latency.max >= 590_000)
        #expect(run.series[0].p99 >= 290_000)
        // The closed loop asks once during the stall, and shows it once.
        let closed = try await TinyServer.with(
            { _, index in index == 2 ? .stall("+OK\r\n", .milliseconds(600)) : .bytes("+OK\r\n") }
        ) { server in
            try await LoadPlan.templates("GET {seq}", port: server.port) { plan in
                plan.pace = .closed
                plan.seconds = 1
                plan.pipeline = 1
            }.measured()
        }
        #expect(closed.latency.max >= 590_000)
        #expect(closed.targetRate == nil)
        #expect(closed.scheduled == closed.sent)
    }

    @Test func `a stall at the end counts with what it has lasted`() async throws {
        let run = try await TinyServer.with(
            { _, index in index == 10 ? .stall("+OK\r\n", .hours(1)) : .bytes("+OK\r\n") }
        ) { server in
            try await LoadPlan.templates("GET {seq}", port: server.port) { plan in
                plan.pace = .open(.fixed)
                plan.rate = 100
                plan.seconds = 0.5
                plan.pipeline = 4
                plan.drainSeconds = 1.5
            }.measured()
        }
        #expect(run.scheduled == 50)
        #expect(run.answered == 10)
        #expect(run.unanswered == 4)
        #expect(run.unsent == 36)
        #expect(run.latency.count == 50)
        #expect(run.latency.max >= 490_000)
    }

    @Test func `replies are matched with their requests, in pieces and in any shape`() async throws
    {
        let run = try await TinyServer.with({ words, index in
            let reply =
                switch words[0] {
                case "A": "$3\r\nabc\r\n"
                case "B": "-WRONG \(words[1])\r\n"
                case "C": "*2\r\n$-1\r\n*1\r\n:\(words[1])\r\n"
                default: "$-1\r\n"
                }
            return index % 3 == 0 ? .crumbs(reply) : .bytes(reply)
        }) { server in
            try await LoadPlan.templates(
                "A {seq}", "B {seq}", "C {seq}", "2: D {seq}", port: server.port
            ) { plan in
                plan.connections = 3
                plan.threads = 2
                plan.pipeline = 8
                plan.rate = 2_000
            }.measured()
        }
        #expect(run.scheduled > 300)
        #expect(run.sent == run.scheduled)
        let kinds = run.kinds
        for kind in kinds { #expect(kind.sent > 0) }
        #expect(kinds[0].answered == kinds[0].sent && kinds[0].replyBytesMean == 9)
        #expect(kinds[1].answered == 0 && kinds[1].errors == kinds[1].sent)
        #expect(kinds[1].latency.count == 0)
        #expect(kinds[2].answered == kinds[2].sent && kinds[2].nulls == 0)
        #expect(kinds[3].answered == kinds[3].sent && kinds[3].nulls == kinds[3].sent)
        #expect(run.errors.map(\.word) == ["WRONG"])
        #expect(run.errorCount == kinds[1].sent)
        #expect(run.errors[0].example.hasPrefix("WRONG "))
    }

    @Test func `a connection that dies is an error with its reason, and another takes its place`()
        async throws
    {
        let run = try await TinyServer.with(
            { _, index in index % 50 == 49 ? .hangUp : .bytes("+OK\r\n") }
        ) { server in
            try await LoadPlan.templates("GET {seq}", port: server.port) { plan in
                plan.connections = 2
                plan.seconds = 0.6
                plan.rate = 500
            }.measured()
        }
        #expect(run.errorCount >= 2)
        #expect(run.errors.contains { $0.word == "connection" })
        #expect(run.answered > 60)
        #expect(
            run.scheduled
                == run.answered + run.kinds[0].errors + run.unanswered + run.unsent)
    }

    @Test func `a server that does not speak RESP is told from a slow one`() async throws {
        let run = try await TinyServer.with({ _, _ in .bytes("HTTP/1.1 400 Bad Request\r\n") }) {
            server in
            try await LoadPlan.templates("GET {seq}", port: server.port) { $0.drainSeconds = 0.2 }
                .measured()
        }
        #expect(run.answered == 0)
        #expect(
            run.errors.first { $0.word == "connection" }?.example
                == "not RESP: 'HTTP/1.1 400 Bad Req' where a reply begins")
    }

    @Test func `a server that is not there is named`() async throws {
        let port = try await TinyServer.with({ _, _ in .hangUp }) { $0.port }
        let error = await #expect(throws: LoadError.self) {
            try await LoadPlan.templates("PING", port: port).measured()
        }
        #expect(error == .connect(target: "127.0.0.1:\(port)", reason: "Connection refused"))
    }

    @Test func `a password goes first, and a wrong one is the server's word`() async throws {
        try await TinyServer.with({ words, _ in
            words == ["AUTH", "right"] || words[0] == "PING"
                ? .bytes("+OK\r\n") : .bytes("-WRONGPASS invalid\r\n")
        }) { server in
            let run = try await LoadPlan.templates("PING", port: server.port) {
                $0.target.password = "right"
            }.measured()
            #expect(run.errorCount == 0)
            #expect(run.answered == run.scheduled)
            #expect(server.commands.count { $0[0] == "AUTH" } == 1)
            let error = await #expect(throws: LoadError.self) {
                try await LoadPlan.templates("PING", port: server.port) {
                    $0.target.password = "wrong"
                }.measured()
            }
            #expect(
                error
                    == .connect(target: "127.0.0.1:\(server.port)", reason: "WRONGPASS invalid"))
        }
    }

    @Test func `a setup sends each template once for each user`() async throws {
        try await TinyServer.with({ _, _ in .bytes("+OK\r\n") }) { server in
            let plan = try LoadPlan.templates("GET {user}", port: server.port) { plan in
                plan.population.users = 25
                plan.connections = 3
                plan.threads = 3
                plan.setupTemplates = [
                    try CommandTemplate("SET a:{seq} {user}"),
                    try CommandTemplate("SET b:{seq} {item}"),
                ]
            }
            try await LoadSession.with(plan) { try await $0.setUp() }
            let expected = (0..<25).flatMap {
                [["SET", "a:\($0)", "\($0)"], ["SET", "b:\($0)", "\($0)"]]
            }
            #expect(Set(server.commands) == Set(expected))
            #expect(server.commands.count == 50)
        }
    }

    @Test func `a setup that is refused ends the run before it begins`() async throws {
        try await TinyServer.with({ words, _ in
            words[1] == "3" ? .bytes("-OOM no room\r\n") : .bytes("+OK\r\n")
        }) { server in
            let plan = try LoadPlan.templates("GET {user}", port: server.port) { plan in
                plan.population.users = 5
                plan.setupTemplates = [try CommandTemplate("SET {seq}")]
            }
            let error = await #expect(throws: LoadError.self) {
                try await LoadSession.with(plan) { try await $0.setUp() }
            }
            #expect(error == .setup(failed: 1, commands: 5, first: "OOM no room"))
        }
    }

    @Test func `the same seed asks the same`() async throws {
        func asked(_ seed: UInt64) async throws -> [[String]] {
            try await TinyServer.with({ _, _ in .bytes("+OK\r\n") }) { server in
                _ = try await LoadPlan.templates(
                    "SET {user} {item} {bytes:9}", "GET {int:1-1000000}", port: server.port
                ) { $0.seed = seed }.measured()
                return server.commands
            }
        }
        let first = try await asked(1)
        #expect(first.count > 200)
        #expect(try await asked(1) == first)
        #expect(try await asked(2) != first)
    }

    @Test func `progress is told about once a second`() async throws {
        let told = ProgressLog()
        try await TinyServer.with({ _, _ in .bytes("+OK\r\n") }) { server in
            let plan = try LoadPlan.templates("PING", port: server.port) { plan in
                plan.warmupSeconds = 0.5
                plan.seconds = 2
                plan.rate = 100
            }
            _ = try await LoadSession.with(plan, report: told.add) { try await $0.measure() }
        }
        let lines = told.lines
        #expect(!lines.isEmpty)
        #expect(lines.allSatisfy { $0.contains(" of 100/s") && $0.contains("p99") })
    }
}
