import Domain
import Testing

@testable import Proof

@Suite("The proof")
struct ProofTests {
    @Test("every promise holds of random logs", arguments: Property.all.map(\.name))
    func holds(name: String) throws {
        var prover = Prover(.labelled)
        prover.properties = Property.all.filter { $0.name == name }
        prover.casesCount = name == "again" ? 3 : 60
        let outcome = try prover.run()
        #expect(outcome.comparisons > 0)
        if let failure = outcome.failure {
            Issue.record("\(failure.account)\n\n\(failure.log.text(in: .labelled))")
        }
    }

    @Test("the digest follows from seed and cases, not from threads or time")
    func digest() throws {
        func run(seed: UInt64, threads: Int) throws -> String {
            var prover = Prover(.labelled)
            prover.seed = seed
            prover.casesCount = 400
            prover.threadsCount = threads
            return try prover.run().digest
        }
        let digest = try run(seed: 5, threads: 1)
        #expect(try run(seed: 5, threads: 3) == digest)
        #expect(try run(seed: 6, threads: 1) != digest)
    }

    @Test("a promise that does not hold is broken by the shortest log there is")
    func shrinking() throws {
        let bad = Property(
            "bad", "no chat with a label is ever followed by a request from Korea",
            mix: { Mix.everything }
        ) { log, bench in
            bench.note([])
            let label = log.steps.firstIndex {
                if case .say(let saying) = $0.command { saying.label != nil } else { false }
            }
            guard let label,
                let request = log.steps.lastIndex(where: {
                    $0.command.request?.region == "KR"
                }), label < request
            else { return nil }
            return Breach(account: "there it is")
        }
        var prover = Prover(.labelled)
        prover.properties = [bad]
        let failure = try #require(try prover.run().failure)
        #expect(failure.property == "bad" && failure.account == "there it is")
        #expect(failure.log.steps.count == 2)
        guard case .say(let saying) = failure.log.steps[0].command else {
            Issue.record("\(failure.log)")
            return
        }
        #expect(saying.event == nil && saying.product == nil && !saying.isSpoken)
        #expect(failure.log.steps[1].command.request?.contexts == [])
    }

    @Test("a log is printed as commands that can be pasted")
    func text() {
        var saying = SayCommand(user: "ann", type: .chat, about: .message(0))
        saying.event = "e1"
        var log = Log()
        log.append(.user(UserCommand(user: "ann", region: "US", links: [])), at: 0)
        log.append(.say(saying), at: Rule.effectiveInstant - 1)
        log.append(.policy(3), at: 0)
        log.append(
            .rank(RequestCommand(user: "ann", surface: World.ads), given: nil, top: 3), at: 5)
        #expect(
            log.text(in: .labelled) == """
                USER.SET ann REGION US LINKS "" AT 1970-01-01T00:00:00Z
                SIGNAL ann CHAT TEXT "planning a hike in the Dolomites, which boots?" \
                MODALITY text ID e1 AT 2025-12-15T23:59:59.999Z
                POLICY.SET "version = 1\\n[link]\\nacross_products = \\"never\\"\\n"
                RANK ann SURFACE proof.ads TOP 3 AT 1970-01-01T00:00:00.005Z
                """)
    }
}

@Suite("The oracle reads the announced rule")
struct OracleTests {
    private static let start = Rule.effectiveInstant

    /// A chat of somebody in the United States, told long ago, changed in one respect.
    private func verdict(
        region: String? = "US", notice: Int64? = 0, links: [String]? = nil, at: Int64 = start,
        rule: Int = 0, _ change: (inout SayCommand) -> Void = { _ in }
    ) -> Oracle.Verdict? {
        var oracle = Oracle(world: .labelled, now: Machine.now)
        var saying = SayCommand(user: "ann", type: .chat, about: .message(1))
        change(&saying)
        let user = UserCommand(user: "ann", region: region, notice: notice, links: links)
        _ = oracle.take(Step(at: 0, command: .policy(rule)), place: 0)
        _ = oracle.take(Step(at: 0, command: .user(user)), place: 1)
        return oracle.take(Step(at: at, command: .say(saying)), place: 2)
    }

    @Test("gate by gate")
    func gates() {
        #expect(verdict() == .used)
        #expect(verdict(at: Self.start - 1) == .ignored("effective"))
        #expect(verdict(region: "KR") == .ignored("region"))
        #expect(verdict(region: "unknown") == .ignored("region"))
        #expect(verdict(region: nil) == .ignored("region"))
        #expect(verdict(region: "CH") == .used)
        #expect(verdict(region: "CH", rule: 2) == .ignored("region"))
        #expect(verdict(notice: nil) == .ignored("notice"))
        #expect(verdict(notice: Self.start + 1) == .ignored("notice"))
        #expect(verdict(notice: Self.start) == .used)
        #expect(verdict { $0.product = "lens" } == .ignored("link"))
        #expect(verdict(links: ["lens", "app"]) { $0.product = "lens" } == .used)
        #expect(
            verdict(links: ["lens", "app"], rule: 3) { $0.product = "lens" } == .ignored("link"))
        #expect(verdict { $0.label = .union } == .ignored("sensitive"))
        #expect(verdict { $0.about = .message(13) } == .ignored("sensitive"))
        #expect(verdict { $0.about = .message(23) } == .ignored("language"))
        #expect(verdict { $0.about = .message(26) } == .ignored("no-topic"))
        #expect(verdict { $0.about = .message(27) } == .ignored("sensitive"))
        #expect(verdict { $0.about = .vector } == .ignored("no-topic"))
        #expect(verdict { $0.about = .item("boots") } == .refused)
        #expect(verdict(at: Limits.timeMillisecondsMax) == .refused)
    }
}
