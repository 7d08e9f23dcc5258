import CoreMetrics
import HTTPTypes

/// Counts and times HTTP requests by route, through swift-metrics: all metrics are made beforehand.
struct RouteMeters: Sendable {
    private struct Meter: Sendable {
        /// Of the classes of status from 2xx on.
        let counters: [Counter]
        let timer: Timer
    }

    private static let classes = ["2xx", "3xx", "4xx", "5xx"]

    /// One for each route, and at the end one for requests that are for none.
    private let meters: [Meter]

    init(_ factory: any MetricsFactory) {
        let routes =
            RouteTable.routes.map { ($0.path.text, $0.method.rawValue) } + [("none", "any")]
        meters = routes.map { path, method in
            Meter(
                counters: Self.classes.map { status in
                    Counter(
                        label: "cairn_http_requests_total",
                        dimensions: [("route", path), ("method", method), ("status", status)],
                        factory: factory)
                },
                timer: Timer(
                    label: "cairn_http_request_duration_seconds",
                    dimensions: [("route", path), ("method", method)], factory: factory))
        }
    }

    /// - Parameter route: Its place in the table; `nil` when there was none for the request.
    func count(route: Int?, _ status: HTTPResponse.Status, _ duration: Duration) {
        let meter = meters[route ?? meters.count - 1]
        meter.counters[min(max(status.code / 100, 2), 5) - 2].increment()
        let (seconds, attoseconds) = duration.components
        meter.timer.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
