import NIOCore
import Testing

@testable import Load

struct MixSourceTests {
    @Test func `a budget and listed candidates go into the requests`() throws {
        var plan = try LoadPlan()
        plan.population.users = 1
        plan.population.items = 1
        plan.ranking.top = 7
        plan.ranking.form = .listed
        plan.ranking.budgetMicroseconds = 500
        plan.ranking.candidates = try CandidateCounts("3", alpha: 1)
        var source = MixSource(try RequestMix("rank=1"), plan, RandomSource(seed: 1))
        var writer = CommandWriter()
        #expect(source.next(into: &writer) == 0)
        #expect(
            writer.commands == [
                [
                    "RANK", "u0", "SURFACE", "feed", "TOP", "7", "BUDGET", "500", "ITEMS", "0", "0",
                    "0",
                ]
            ])
        source = MixSource(try RequestMix("recommend=1"), plan, RandomSource(seed: 1))
        writer = CommandWriter()
        _ = source.next(into: &writer)
        #expect(
            writer.commands == [
                ["RECOMMEND", "u0", "SURFACE", "feed", "TOP", "7", "BUDGET", "500"]
            ])
    }

    @Test func `packed candidates are little-endian numbers of eight bytes`() throws {
        var writer = CommandWriter()
        var next = 0x0102
        writer.packed(count: 2) {
            defer { next += 1 }
            return next
        }
        #expect(
            Array(writer.bytes.readableBytesView)
                == Array("$16\r\n".utf8) + [2, 1, 0, 0, 0, 0, 0, 0, 3, 1, 0, 0, 0, 0, 0, 0, 13, 10])
    }

    @Test func `some users come more than others, and the mix is kept`() throws {
        var plan = try LoadPlan()
        plan.population.users = 50
        var source = MixSource(
            try RequestMix("like=3,chat-text=1"), plan, RandomSource(seed: 1))
        var writer = CommandWriter()
        var kinds = [0, 0]
        for _ in 0..<2_000 { kinds[source.next(into: &writer)] += 1 }
        #expect((1_400...1_600).contains(kinds[0]))
        let users = writer.commands.map { $0[1] }
        #expect(users.count { $0 == "u0" } > 5 * users.count { $0 == "u40" })
        #expect(writer.commands.filter { $0[2] == "CHAT" }.allSatisfy { $0[3] == "TEXT" })
    }
}
