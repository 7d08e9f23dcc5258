import Foundation
import Testing

@testable import Load

struct DistributionTests {
    @Test(arguments: [0, 0.5, 0.99, 1, 1.5, 3])
    func `Zipf draws follow their law`(_ alpha: Double) {
        let count = 1_000
        let draws = 400_000
        let zipf = ZipfDistribution(count: count, alpha: alpha)
        var random = RandomSource(seed: 11)
        var found = Array(repeating: 0, count: count + 1)
        for _ in 0..<draws { found[zipf.draw(&random)] += 1 }
        #expect(found[0] == 0)
        let weights = (1...count).map { pow(Double($0), -alpha) }
        let total = weights.reduce(0, +)
        for number in [1, 2, 3, 4, 5, 10, 30, 100, 300, 999, 1_000] {
            let expected = Double(draws) * weights[number - 1] / total
            let stray = 4.5 * max(expected, 1).squareRoot() + 1
            #expect(abs(Double(found[number]) - expected) < stray, "\(number) at \(alpha)")
        }
    }

    @Test func `Zipf needs no table of its numbers`() {
        let zipf = ZipfDistribution(count: 1 << 28, alpha: 0.99)
        var random = RandomSource(seed: 2)
        let draws = (0..<10_000).map { _ in zipf.draw(&random) }
        #expect(draws.allSatisfy { (1...(1 << 28)).contains($0) })
        #expect(draws.contains { $0 > 1 << 20 })
        #expect(draws.contains(1))
    }

    @Test func `one user is always the same user`() {
        let zipf = ZipfDistribution(count: 1, alpha: 0.99)
        var random = RandomSource(seed: 2)
        #expect((0..<100).allSatisfy { _ in zipf.draw(&random) == 1 })
    }

    @Test(arguments: [0.8, 1.2, 2.5])
    func `candidate counts have the tail of a bounded Pareto law`(_ alpha: Double) throws {
        let counts = try CandidateCounts(least: 100, most: 5_000, alpha: alpha)
        let draws = 200_000
        var random = RandomSource(seed: 5)
        let found = (0..<draws).map { _ in counts.draw(&random) }
        #expect(found.allSatisfy { (100...5_000).contains($0) })
        let whole = 1 - pow(100.0 / 5_001, alpha)
        for bound in [100, 101, 150, 300, 1_000, 3_000, 5_000] {
            let share = Double(found.count { $0 >= bound }) / Double(draws)
            let law = (pow(100.0 / Double(bound), alpha) - pow(100.0 / 5_001, alpha)) / whole
            let stray = 4.5 * (law * (1 - law) / Double(draws)).squareRoot() + 1e-5
            #expect(abs(share - law) < stray, "at least \(bound): \(share), not \(law)")
        }
    }

    @Test func `equal bounds make every request alike`() throws {
        let counts = try CandidateCounts("1000", alpha: 1.2)
        var random = RandomSource(seed: 5)
        #expect((0..<100).allSatisfy { _ in counts.draw(&random) == 1_000 })
        #expect(counts.description == "1000")
        #expect(try CandidateCounts("10-20", alpha: 1).description == "10-20")
    }

    @Test(arguments: ["", "-", "0", "a", "20-10", "1-2-3", "1-100001", "5-"])
    func `bounds that make no sense are refused`(_ text: String) {
        #expect(throws: LoadError.self) { try CandidateCounts(text, alpha: 1) }
    }

    @Test func `weights are kept`() throws {
        let choice = WeightedChoice([90, 9, 1])
        var random = RandomSource(seed: 3)
        var found = [0, 0, 0]
        for _ in 0..<100_000 { found[choice.draw(&random)] += 1 }
        for (index, expected) in [90_000.0, 9_000, 1_000].enumerated() {
            #expect(abs(Double(found[index]) - expected) < 4.5 * expected.squareRoot())
        }
    }

    @Test func `random numbers are the same on every machine`() {
        // xoshiro256** of SplitMix64 from 0, computed apart.
        var random = RandomSource(seed: 0)
        #expect(random.next() == 0x99EC_5F36_CB75_F2B4)
        #expect(random.next() == 0xBF6E_1F78_4956_452A)
        #expect((0..<1_000).allSatisfy { _ in (0..<1).contains(random.unit()) })
    }
}
