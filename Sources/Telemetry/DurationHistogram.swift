import Synchronization

/// How long things took, in buckets from half a microsecond to nine seconds that grow by half an
/// octave: 512 ns, 768 ns, 1,024 ns, 1,536 ns ... A quantile that is read off them is at most half as
/// much again too large.
///
/// Nothing is locked: a reader may see a duration in its bucket and not yet in the sum.
package struct DurationHistogram: ~Copyable, Sendable {
    private let counts = InlineArray<50, Atomic<UInt64>> { _ in Atomic(0) }
    private let sumNanoseconds = Atomic<UInt64>(0)

    package init() {}

    /// Adds a duration. One thread alone may call this: it is two loads and two stores.
    package func add(_ nanoseconds: Int64) {
        let nanoseconds = UInt64(max(0, nanoseconds))
        let index = DurationSample.bucket(of: nanoseconds)
        counts[index].store(counts[index].load(ordering: .relaxed) &+ 1, ordering: .relaxed)
        sumNanoseconds.store(
            sumNanoseconds.load(ordering: .relaxed) &+ nanoseconds, ordering: .relaxed)
    }

    /// The same for any thread, at the price of two locked instructions.
    package func addShared(_ nanoseconds: Int64) {
        let nanoseconds = UInt64(max(0, nanoseconds))
        counts[DurationSample.bucket(of: nanoseconds)].wrappingAdd(1, ordering: .relaxed)
        sumNanoseconds.wrappingAdd(nanoseconds, ordering: .relaxed)
    }

    /// Adds what is here to what was read elsewhere.
    package func read(into sample: inout DurationSample) {
        for index in 0..<DurationSample.bucketsCount {
            sample.counts[index] += counts[index].load(ordering: .relaxed)
        }
        sample.sumNanoseconds += sumNanoseconds.load(ordering: .relaxed)
    }
}

/// What histograms said when they were read, added up.
package struct DurationSample: Sendable, Equatable {
    package static let bucketsCount = 50
    /// The durations that the first bucket holds have at most so many bits.
    private static let firstBits = 9

    /// Of each bucket by itself; the last has no bound.
    package fileprivate(set) var counts = [UInt64](repeating: 0, count: bucketsCount)
    package fileprivate(set) var sumNanoseconds: UInt64 = 0

    package init() {}

    package var count: UInt64 { counts.reduce(0, +) }

    /// The largest duration in each bucket but the last.
    package static let boundsNanoseconds: [UInt64] = (0..<bucketsCount - 1).map { index in
        let octave = UInt64(1) << UInt64(firstBits + index / 2)
        return index.isMultiple(of: 2) ? octave : octave + octave / 2
    }

    /// The bucket of a duration: the first whose bound is no less.
    package static func bucket(of nanoseconds: UInt64) -> Int {
        // Bounds belong to the bucket below them.
        let below = nanoseconds == 0 ? 0 : nanoseconds - 1
        let bits = UInt64.bitWidth - below.leadingZeroBitCount
        guard bits > firstBits else { return 0 }
        let half = Int(below >> UInt64(bits - 2)) & 1
        return min(2 * (bits - firstBits - 1) + 1 + half, bucketsCount - 1)
    }
}
