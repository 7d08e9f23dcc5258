import CoreMetrics
import Synchronization

/// A number that any thread may add to or set: counters, gauges, and recorders of the newest value.
final class NumberCell: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler {
    private let bits = Atomic<UInt64>(0)

    var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    func increment(by amount: Double) {
        var current = bits.load(ordering: .relaxed)
        while true {
            let sum = Double(bitPattern: current) + amount
            let (isExchanged, original) = bits.weakCompareExchange(
                expected: current, desired: sum.bitPattern, ordering: .relaxed)
            guard !isExchanged else { return }
            current = original
        }
    }

    func increment(by amount: Int64) { increment(by: Double(amount)) }
    func decrement(by amount: Double) { increment(by: -amount) }
    func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }
    func set(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
    func record(_ value: Int64) { set(Double(value)) }
    func reset() { set(0.0) }
}

/// Durations that any thread may add.
final class DurationCell: TimerHandler {
    private let histogram = DurationHistogram()

    var sample: DurationSample {
        var sample = DurationSample()
        histogram.read(into: &sample)
        return sample
    }

    func recordNanoseconds(_ duration: Int64) { histogram.addShared(duration) }
}

/// Values of no known unit: how many there were, and their sum.
final class DistributionCell: RecorderHandler {
    private let values = NumberCell()
    private let number = NumberCell()

    var sum: Double { values.value }
    var count: Double { number.value }

    func record(_ value: Double) {
        values.increment(by: value)
        number.increment(by: 1.0)
    }

    func record(_ value: Int64) { record(Double(value)) }
}
