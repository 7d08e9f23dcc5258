import Domain
import Engine

/// A change as a server with a journal carries it out: decided, written down, read again, applied.
///
/// What the bytes left out would be missing from every answer after it, so the proof covers replay.
extension Engine {
    /// What was decided, and what applying it counted: items removed, for one.
    @discardableResult
    func carryOut<Outcome: Sendable>(
        _ prepared: Prepared<Outcome>
    ) throws(EngineError) -> (outcome: Outcome, count: Int) {
        guard let change = prepared.change else { return (prepared.outcome, 0) }
        let read: Change
        do throws(ChangeBytesError) {
            read = try Change(bytes: change.bytes[...])
        } catch {
            preconditionFailure("what was written cannot be read: \(error)")
        }
        return (prepared.outcome, try apply(read))
    }
}
