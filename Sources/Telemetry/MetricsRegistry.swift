import CoreMetrics
import Domain
import NIOConcurrencyHelpers

/// The metrics that are counted through swift-metrics: of the HTTP front, and of any library that
/// uses it.
///
/// Whoever makes a metric keeps it: to make one looks names up under a lock, to count does not.
package final class MetricsRegistry: MetricsFactory, Sendable {
    private enum Cell {
        case number(NumberCell)
        case durations(DurationCell)
        case distribution(DistributionCell)
    }

    private struct Family {
        let kind: Exposition.Kind
        /// By their labels, as written.
        var cells: [String: (labels: Exposition.Labels, cell: Cell)] = [:]
    }

    private struct State {
        var families: [String: Family] = [:]
        var seriesCount = 0
    }

    private let state = NIOLockedValueBox(State())

    package init() {}

    // MARK: Making

    package func makeCounter(
        label: String, dimensions: [(String, String)]
    ) -> any CounterHandler {
        number(Self.name(label, unit: "_total"), .counter, dimensions)
    }

    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        number(Self.name(label, unit: "_total"), .counter, dimensions)
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        number(Self.name(label), .gauge, dimensions)
    }

    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        guard aggregate else { return number(Self.name(label), .gauge, dimensions) }
        let cell = cell(Self.name(label), .summary, dimensions) {
            .distribution(DistributionCell())
        }
        guard case .distribution(let cell) = cell else { return DistributionCell() }
        return cell
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let cell = cell(Self.name(label, unit: "_seconds"), .histogram, dimensions) {
            .durations(DurationCell())
        }
        guard case .durations(let cell) = cell else { return DurationCell() }
        return cell
    }

    // What has been counted stays.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    private func number(
        _ name: String, _ kind: Exposition.Kind, _ dimensions: [(String, String)]
    ) -> NumberCell {
        guard case .number(let cell) = cell(name, kind, dimensions, { .number(NumberCell()) })
        else { return NumberCell() }
        return cell
    }

    /// The cell of the name and labels; `nil` when the name is of another kind, or there are too many
    /// already: what is counted then is not seen.
    private func cell(
        _ name: String, _ kind: Exposition.Kind, _ dimensions: [(String, String)],
        _ make: () -> Cell
    ) -> Cell? {
        let labels: Exposition.Labels = dimensions.map { (Self.name($0.0), $0.1) }
        let key = labels.map { "\($0.name)=\($0.value)" }.joined(separator: "\u{0}")
        return state.withLockedValue { state in
            var family = state.families[name] ?? Family(kind: kind)
            guard family.kind == kind else { return nil }
            if let known = family.cells[key] { return known.cell }
            guard state.seriesCount < Limits.metricSeriesMax else { return nil }
            let cell = make()
            family.cells[key] = (labels, cell)
            state.families[name] = family
            state.seriesCount += 1
            return cell
        }
    }

    /// A name as Prometheus takes it, which ends with its unit.
    private static func name(_ label: String, unit: String = "") -> String {
        let name = String(
            label.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") ? $0 : "_" })
        let whole = name.first?.isNumber ?? true ? "_" + name : name
        return whole.hasSuffix(unit) ? whole : whole + unit
    }

    // MARK: Reading

    /// Writes all families, in the order of their names.
    ///
    /// - Parameter help: What a family means; of a library's own nothing is known.
    package func write(to exposition: inout Exposition, help: [String: String]) {
        let families = state.withLockedValue { $0.families }
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            exposition.family(name, family.kind, help[name] ?? "Counted by a library.")
            for (_, entry) in family.cells.sorted(by: { $0.key < $1.key }) {
                switch entry.cell {
                case .number(let cell): exposition.sample(name, entry.labels, cell.value)
                case .durations(let cell):
                    // A histogram is fifty lines, and most of many are of what never came.
                    let sample = cell.sample
                    if sample.count > 0 { exposition.durations(name, entry.labels, sample) }
                case .distribution(let cell):
                    exposition.sample(name + "_sum", entry.labels, cell.sum)
                    exposition.sample(name + "_count", entry.labels, cell.count)
                }
            }
        }
    }
}
