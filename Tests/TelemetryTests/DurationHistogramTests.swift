import Testing

@testable import Telemetry

@Suite("histograms of durations")
struct DurationHistogramTests {
    @Test("a duration lies in the first bucket whose bound is no less")
    func bucketsBound() {
        let bounds = DurationSample.boundsNanoseconds
        #expect(bounds.prefix(5) == [512, 768, 1_024, 1_536, 2_048])
        #expect(bounds.last == 1 << 33 && bounds.count == DurationSample.bucketsCount - 1)
        for (index, bound) in bounds.enumerated() {
            #expect(DurationSample.bucket(of: bound - 1) == index)
            #expect(DurationSample.bucket(of: bound) == index)
            #expect(DurationSample.bucket(of: bound + 1) == index + 1)
        }
        #expect(DurationSample.bucket(of: 0) == 0)
        #expect(DurationSample.bucket(of: .max) == DurationSample.bucketsCount - 1)
    }

    @Test("what was read of several is added up")
    func samplesAddUp() {
        let one = DurationHistogram()
        let other = DurationHistogram()
        one.add(600)
        one.add(-5)
        other.addShared(600)
        other.addShared(1 << 40)
        var sample = DurationSample()
        one.read(into: &sample)
        other.read(into: &sample)
        #expect(sample.count == 4)
        #expect(sample.counts[1] == 2 && sample.counts[0] == 1 && sample.counts.last == 1)
        #expect(sample.sumNanoseconds == 1_200 + (1 << 40))
    }
}
