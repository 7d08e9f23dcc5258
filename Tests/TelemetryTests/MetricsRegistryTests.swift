import CoreMetrics
import Testing

@testable import Telemetry

@Suite("metrics through swift-metrics")
struct MetricsRegistryTests {
    private func text(_ registry: MetricsRegistry, help: [String: String] = [:]) -> String {
        var exposition = Exposition()
        registry.write(to: &exposition, help: help)
        return exposition.text
    }

    @Test("counters, gauges and timers are written with their units and labels")
    func everySortIsWritten() {
        let registry = MetricsRegistry()
        let counter = Counter(label: "a.b", dimensions: [("x", "1\"\\\n")], factory: registry)
        counter.increment()
        counter.increment(by: 2)
        Gauge(label: "depth", factory: registry).record(2.5)
        Timer(label: "wait", factory: registry).recordNanoseconds(700)
        Recorder(label: "size", factory: registry).record(7)
        let text = text(registry, help: ["depth": "How deep."])
        #expect(text.contains("# TYPE a_b_total counter\na_b_total{x=\"1\\\"\\\\\\n\"} 3.0\n"))
        #expect(text.contains("# HELP depth How deep.\n# TYPE depth gauge\ndepth 2.5\n"))
        #expect(text.contains("wait_seconds_bucket{le=\"7.68e-07\"} 1\n"))
        #expect(text.contains("wait_seconds_bucket{le=\"5.12e-07\"} 0\n"))
        #expect(text.contains("wait_seconds_bucket{le=\"+Inf\"} 1\n"))
        #expect(text.contains("wait_seconds_count 1\n"))
        #expect(text.contains("# TYPE size summary\nsize_sum 7.0\nsize_count 1.0\n"))
    }

    @Test("a metric that is made twice is one, and one of another kind is not seen")
    func namesAreOfOneKind() {
        let registry = MetricsRegistry()
        Counter(label: "n", factory: registry).increment()
        Counter(label: "n", factory: registry).increment()
        Timer(label: "n_total", factory: registry).recordNanoseconds(1)
        Gauge(label: "n_total", factory: registry).record(9)
        let text = text(registry)
        #expect(text.contains("n_total 2.0\n"))
        #expect(!text.contains("n_total 9.0\n"))
        #expect(text.contains("n_total_seconds_count 1\n"))
    }

    @Test("a counter that many threads count at once loses nothing")
    func threadsCountTogether() async {
        let registry = MetricsRegistry()
        await withTaskGroup(of: Void.self) { tasks in
            for _ in 0..<8 {
                tasks.addTask {
                    let counter = Counter(label: "n", factory: registry)
                    for _ in 0..<1_000 { counter.increment() }
                }
            }
        }
        #expect(text(registry).contains("n_total 8000.0\n"))
    }
}
