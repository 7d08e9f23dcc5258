import Policy
import Synchronization

/// How many requests each gate has kept something out of: for the whole server, without names.
///
/// A request counts once at a gate, however much was kept out there.
final class GateCounters: Sendable {
    /// The gates that a request can meet: a duplicate is only ever a signal's.
    static let gates = Gate.allCases.filter { $0 != .duplicate }

    private let counts = InlineArray<8, Atomic<Int>> { _ in Atomic(0) }

    /// Counts a request at its gates.
    func count(_ gates: GateSet) {
        for (index, gate) in Self.gates.enumerated() where gates.contains(gate) {
            counts[index].increment()
        }
    }

    func count(of gate: Gate) -> Int {
        Self.gates.firstIndex(of: gate).map { counts[$0].value } ?? 0
    }
}
