import Dispatch
import Domain
import Foundation
import Policy
import Testing

@testable import Engine

/// A policy that changes while the server holds users and their chats.
@Suite("A change of policy")
struct PolicyChangeTests {
    private func stricter(
        excluding codes: String..., effective: Timestamp = PolicyTable.announced.effective,
        crossing: PolicyTable.ProductCrossing = .linked
    ) throws -> PolicyTable {
        var regions = PolicyTable.announced.excludedRegions
        for code in codes { regions.insert(try Region(code)) }
        return try PolicyTable(
            effective: effective, excludedRegions: regions, crossing: crossing)
    }

    private func chats(_ world: TestEngine, of user: String, at: Int64) throws -> Int {
        try world.terms(of: "boots", for: user, at: at).filter { $0 == "chat.text" }.count
    }

    @Test("a region that is added hides chats on the next request; without it they are back")
    func region() throws {
        let world = try TestEngine()
        try world.add("boots", about: "hiking")
        try world.set("u", region: "CA", notice: 0)
        try world.chat("u", "hiking", at: 1)
        let before = try world.rank("u", at: 10)
        let digest = world.engine.setup.policyDigest
        try world.engine.set(try stricter(excluding: "CA"), digest: "stricter")
        #expect(world.engine.setup.policyDigest == "stricter")
        #expect(try world.rank("u", at: 10) == world.rank("stranger", at: 10))
        #expect(try world.chat("u", "cello", at: 2) == .region)
        try world.engine.set(.announced, digest: digest)
        #expect(try world.rank("u", at: 10) == before)
    }

    @Test("what was said in a region that is added later is hidden from wherever the user is now")
    func regionOfTheEvent() throws {
        let world = try TestEngine()
        try world.add("boots", about: "hiking")
        try world.set("u", region: "CA", notice: 0, at: 0)
        try world.chat("u", "hiking", at: 1)
        try world.set("u", region: "US", at: 5)
        #expect(try chats(world, of: "u", at: 10) == 1)
        try world.engine.set(try stricter(excluding: "CA"), digest: "stricter")
        #expect(try chats(world, of: "u", at: 10) == 0)
        try world.chat("u", "hiking", at: 5)
        #expect(try chats(world, of: "u", at: 10) == 1)
    }

    @Test("a history that is set right hides what was said in an excluded region after all")
    func historySetRight() throws {
        let world = try TestEngine()
        try world.add("boots", about: "hiking")
        try world.set("u", region: "US", notice: 0, at: 0)
        try world.chat("u", "hiking", at: 15)
        try world.set("u", region: "KR", at: 10)
        try world.set("u", region: "US", at: 20)
        #expect(try chats(world, of: "u", at: 30) == 0)
    }

    @Test("a later date and a stricter link hide chats too")
    func dateAndLink() throws {
        let world = try TestEngine { surfaces in
            for index in surfaces.indices { surfaces[index].product = try Product("social") }
        }
        try world.add("boots", about: "hiking")
        try world.set("u", region: "US", notice: 0, links: ["social", "glasses"])
        try world.chat("u", "hiking", at: 1) { $0.product = try Product("glasses") }
        #expect(try chats(world, of: "u", at: 10) == 1)
        try world.engine.set(try stricter(crossing: .never), digest: "stricter")
        #expect(try chats(world, of: "u", at: 10) == 0)
        let gate = try world.chat("u", "hiking", at: 2) { $0.product = try Product("glasses") }
        #expect(gate == .link)
        try world.engine.set(try stricter(effective: try world.time(1)), digest: "later")
        #expect(try chats(world, of: "u", at: 10) == 1)
        try world.engine.set(try stricter(effective: try world.time(2)), digest: "later still")
        #expect(try chats(world, of: "u", at: 10) == 0)
    }

    @Test("a request names the gates that kept chats out of it")
    func masked() throws {
        let world = try TestEngine { surfaces in
            for index in surfaces.indices { surfaces[index].product = try Product("social") }
        }
        try world.add("boots", about: "hiking")
        func gates(_ user: String, at: Int64 = 100) throws -> [Gate] {
            _ = try world.rank(user, at: at)
            return Gate.allCases.filter(world.ranker.masked.contains)
        }
        #expect(try gates("nobody").isEmpty)
        try world.set("u", region: "US", notice: 0, links: ["social", "glasses"], at: 0)
        #expect(try gates("u").isEmpty)
        try world.chat("u", "hiking", at: 10)
        try world.chat("u", "hiking", at: 12) { $0.product = try Product("glasses") }
        #expect(try gates("u").isEmpty)
        try world.set("u", links: [])
        #expect(try gates("u") == [.link])
        try world.set("u", notice: 11)
        #expect(try gates("u") == [.notice, .link])
        #expect(try gates("u", at: 9).isEmpty)
        try world.set("u", region: "KR", at: 50)
        #expect(try gates("u") == [.region])
        #expect(try gates("u", at: 9).isEmpty)
        #expect(try gates("nobody").isEmpty)
    }
}

@Suite("A policy that is tried out")
struct PolicyTrialTests {
    @Test("counts users and chats by gate, and changes nothing")
    func counts() throws {
        let world = try TestEngine { surfaces in
            for index in surfaces.indices { surfaces[index].product = try Product("social") }
        }
        try world.add("boots", about: "hiking")
        for (user, region) in [("a", "CA"), ("b", "US"), ("c", "CA"), ("d", "NO")] {
            try world.set(
                user, region: region, notice: 0, links: ["social", "glasses"], at: 0)
        }
        for at in 1...3 { try world.chat("a", "hiking", at: Int64(at)) }
        try world.chat("b", "hiking", at: 5)
        try world.chat("b", "cello", at: 6) { $0.product = try Product("glasses") }
        try world.chat("d", "cello", at: 7)
        try world.signal("c", .like, "boots", at: 1)
        let now = try world.time(10)
        func trial(_ policy: PolicyTable) -> Engine.PolicyTrial {
            world.engine.trial(of: policy, now: now, ranker: world.ranker)
        }
        let state = world.engine.state.sequence
        #expect(trial(.announced) == Engine.PolicyTrial())

        let announced = PolicyTable.announced
        let strict = try PolicyTable(
            effective: try world.time(6),
            excludedRegions: announced.excludedRegions.union([try Region("CA")]), crossing: .never)
        let hidden = trial(strict)
        #expect(hidden.users == 2)
        #expect(hidden.signals == 5)
        #expect(Engine.PolicyTrial.gates.map { hidden.hidden[$0] } == [3, 1, 0, 1])
        #expect(Engine.PolicyTrial.gates.map { hidden.restored[$0] } == [0, 0, 0, 0])
        #expect(world.engine.state.sequence == state)
        #expect(try world.terms(of: "boots", for: "a", at: 10).contains("chat.text"))

        try world.engine.set(strict, digest: "strict")
        let restored = trial(announced)
        #expect(restored.users == 2)
        #expect(restored.signals == 5)
        #expect(Engine.PolicyTrial.gates.map { restored.restored[$0] } == [3, 1, 0, 1])
        #expect(Engine.PolicyTrial.gates.map { restored.hidden[$0] } == [0, 0, 0, 0])
        #expect(trial(strict).signals == 0)
    }

    @Test("counts each user once while others come and their tables grow")
    func whileUsersCome() throws {
        let world = try TestEngine()
        for number in 0..<200 {
            try world.set("old-\(number)", region: "CA", notice: 0)
            try world.chat("old-\(number)", "hiking", at: 1)
        }
        let regions = PolicyTable.announced.excludedRegions.union([try Region("CA")])
        let policy = try PolicyTable(
            effective: PolicyTable.announced.effective, excludedRegions: regions)
        let engine = world.engine
        let now = try world.time(10)
        let done = DispatchSemaphore(value: 0)
        let failure = Locked<String?>(nil)
        Thread.detachNewThread {
            do {
                for number in 0..<5_000 {
                    var change = UserChange(user: try UserID("new-\(number)"))
                    change.region = try Region("US")
                    try engine.set(change, now: now)
                }
            } catch { failure.withLock { $0 = "\(error)" } }
            done.signal()
        }
        repeat {
            let trial = engine.trial(of: policy, now: now, ranker: world.ranker)
            #expect(trial.users == 200 && trial.signals == 200)
        } while done.wait(timeout: .now()) == .timedOut
        #expect(failure.withLock { $0 } == nil)
        #expect(engine.state.users == 5_200)
    }

    @Test("says of random users what the change then does", arguments: [1, 2, 3] as [UInt64])
    func foretells(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let world = try TestEngine()
        try world.add("boots", about: "hiking")
        let codes = ["US", "CA", "NO", "BR"]
        let users = (0..<300).map { "u\($0)" }
        for user in users {
            try world.set(user, notice: Int64.random(in: 0...40, using: &random))
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                try world.set(
                    user, region: codes.randomElement(using: &random),
                    at: Int64.random(in: 0...60, using: &random))
            }
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                try world.chat(user, "hiking", at: Int64.random(in: 0...60, using: &random))
            }
        }
        func policy() throws -> PolicyTable {
            var regions = PolicyTable.announced.excludedRegions
            for code in codes where Bool.random(using: &random) { regions.insert(try Region(code)) }
            return try PolicyTable(
                effective: try world.time(Int64.random(in: 0...60, using: &random)),
                excludedRegions: regions)
        }
        /// How many chats of each user a request weighs.
        func weighed() throws -> [Int] {
            try users.map { user in
                let report = try world.explain("boots", for: user, at: 100)
                return report.terms.flatMap(\.signals).count { $0.type == "CHAT" }
            }
        }
        for _ in 0..<8 {
            let before = try weighed()
            let next = try policy()
            let trial = world.engine.trial(
                of: next, now: try world.time(100), ranker: world.ranker)
            try world.engine.set(next, digest: "next")
            let after = try weighed()
            let gates = Engine.PolicyTrial.gates
            let hidden = gates.reduce(0) { $0 + trial.hidden[$1] }
            let restored = gates.reduce(0) { $0 + trial.restored[$1] }
            #expect(before.reduce(0, +) - hidden + restored == after.reduce(0, +))
            #expect(trial.users >= zip(before, after).count { $0 != $1 })
        }
    }
}
