import Foundation
import Testing

@testable import Text

/// The C core says what the network says where it was trained.
@Suite struct GateReferenceTests {
    /// Text and eight logits a line, from tools/distill/reference.py.
    private static let lines =
        (try? String(
            contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "gate-reference.tsv"), encoding: .utf8))?
        .split(separator: "\n") ?? []

    /// Both round activations to int8, and a value that lies between two levels may round either way;
    /// six layers carry that on.
    private static let logitDifferenceMax: Float = 0.5
    private static let logitDifferenceMeanMax: Float = 0.05

    @Test("logits are the trained network's, within the tolerance of rounding")
    func logits() throws {
        #expect(Self.lines.count >= 40)
        let model = try Model.shared.get()
        let gate = try Model.gate.get()
        let scratch = try GateScratch()
        var sum: Float = 0
        for line in Self.lines {
            let fields = line.split(separator: "\t")
            let expected = fields.dropFirst().compactMap { Float($0) }
            try #require(expected.count == 8)
            let bytes = Array(fields[0].utf8)
            let tokens = [gate.limits.begin] + model.tokens(of: bytes.span) + [gate.limits.end]
            let run = gate.core.run(tokens.span, scratch: scratch)
            for label in 0..<8 {
                let difference = abs(run.logits[label] - expected[label])
                #expect(difference <= Self.logitDifferenceMax, "\(fields[0]), label \(label)")
                sum += difference
            }
        }
        #expect(sum / Float(8 * Self.lines.count) <= Self.logitDifferenceMeanMax)
    }
}
