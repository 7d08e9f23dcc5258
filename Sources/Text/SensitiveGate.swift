import Domain
import Foundation

/// The sensitive gate: a small fine-tuned network that tells which of seven sensitive categories a
/// text is about, also when it only implies it, and which everyday topics it names.
///
/// It takes about a millisecond for 20 tokens, so it never runs on an event loop. It is loaded from a
/// file; without one no chat is used. What it knows and where it fails stands in
/// Sources/Text/Models/MODEL.md.
package final class SensitiveGate: Sendable {
    /// SHA-256 of the gate, in hexadecimal digits: the same digest means the same verdicts.
    package let digest: String

    let limits: GateLimits
    let core: GateCore

    /// Where the gate lies that comes with the program.
    package static var shippedPath: String {
        // Where SwiftPM puts this module's resources: beside the program.
        Bundle.main.bundleURL.appendingPathComponent("cairn_Text.resources/gate.bundle").path
    }

    /// Loads the file at `path` and checks it against its digest (some 30 milliseconds).
    ///
    /// - Parameter model: The text model that reads the words; its topics must be the gate's.
    package init(path: String, model: TextModel) throws(TextModelError) {
        var found: GateBundle?
        core = try GateCore(path: path) { bytes throws(TextModelError) in
            let bundle = try GateBundle(bytes)
            guard bundle[.words].count == model.tokensCount * bundle.width(in: bytes) else {
                throw .section("WORDS")
            }
            found = bundle
            return bundle
        }
        guard let found else { preconditionFailure("the bundle was checked") }
        guard found.topicNames == model.topics.map(\.name) else { throw .otherTopics }
        digest = found.digest
        limits = found.limits
    }
}

extension GateBundle {
    /// The network's width, its second shape.
    fileprivate func width(in bytes: RawSpan) -> Int {
        guard self[.shape].count >= 8 else { return 0 }
        let width: UInt32 = ModelContainer.number(in: bytes, at: self[.shape].lowerBound + 4)
        return Int(width)
    }
}
