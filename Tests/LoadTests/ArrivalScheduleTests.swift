import Testing

@testable import Load

struct ArrivalScheduleTests {
    @Test func `fixed arrivals keep their distance however long it goes on`() {
        var schedule = ArrivalSchedule(.fixed, rate: 3, seed: 1)
        let instants = (0..<30_000).map { _ in schedule.next() }
        #expect(Array(instants[0..<4]) == [0, 333_333_333, 666_666_666, 1_000_000_000])
        #expect(instants[29_999] == 9_999_666_666_666)
    }

    @Test func `loops that share fixed arrivals interleave`() {
        var instants: [UInt64] = []
        for share in 0..<4 {
            var schedule = ArrivalSchedule(.fixed, rate: 1_000, share: share, of: 4, seed: 1)
            instants += (0..<5).map { _ in schedule.next() }
        }
        #expect(instants.sorted() == (0..<20).map { UInt64($0) * 1_000_000 })
    }

    @Test func `Poisson arrivals have exponential gaps of the mean that the rate says`() {
        var schedule = ArrivalSchedule(.poisson, rate: 1_000, seed: 7)
        let count = 200_000
        var last: UInt64 = 0
        var gaps: [Double] = []
        for _ in 0..<count {
            let next = schedule.next()
            #expect(next >= last)
            gaps.append(Double(next - last))
            last = next
        }
        let mean = Double(last) / Double(count)
        // The mean of n exponential gaps strays by its 1/sqrt(n).
        #expect(abs(mean / 1_000_000 - 1) < 4 / Double(count).squareRoot())
        for multiple in [0.1, 0.5, 1, 2, 4] {
            let share = Double(gaps.count { $0 > multiple * 1_000_000 }) / Double(count)
            #expect(abs(share - exponential(multiple)) < 0.005, "gaps above \(multiple) means")
        }
    }

    private func exponential(_ multiple: Double) -> Double {
        // e^-x by its series: the law, without the generator's own logarithm.
        var term = 1.0
        var sum = 1.0
        for index in 1..<60 {
            term *= -multiple / Double(index)
            sum += term
        }
        return sum
    }

    @Test func `a seed gives the same arrivals again, and another others`() {
        func first(_ seed: UInt64, share: Int = 0) -> [UInt64] {
            var schedule = ArrivalSchedule(.poisson, rate: 10, share: share, of: 2, seed: seed)
            return (0..<50).map { _ in schedule.next() }
        }
        #expect(first(1) == first(1))
        #expect(first(1) != first(2))
        #expect(first(1) != first(1, share: 1))
    }
}
