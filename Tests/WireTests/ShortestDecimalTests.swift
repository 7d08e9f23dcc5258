import NIOCore
import Testing
import Wire

@Suite("Doubles on the wire")
struct ShortestDecimalTests {
    private func decimal(_ value: Double) -> String {
        var writer = ReplyWriter(version: .three)
        writer.double(value)
        // CR LF is one character.
        return String(String(buffer: writer.buffer).dropFirst().dropLast())
    }

    @Test(
        "are the shortest decimals",
        arguments: [
            (0.0, "0"), (-0.0, "-0"), (1.0, "1"), (0.1, "0.1"), (0.1 + 0.2, "0.30000000000000004"),
            (100.0, "100"), (1e5, "1e+05"), (123_456.0, "123456"), (1e21, "1e+21"),
            (1.0 / 3.0, "0.3333333333333333"), (2.5e-5, "2.5e-05"),
            (.greatestFiniteMagnitude, "1.7976931348623157e+308"),
            (.leastNonzeroMagnitude, "5e-324"), (.leastNormalMagnitude, "2.2250738585072014e-308"),
            (9_007_199_254_740_992.0, "9007199254740992"),
        ])
    func fixedExpectations(_ value: Double, _ text: String) {
        #expect(decimal(value) == text)
    }

    @Test("read back to the same double, and none is longer than Swift's own")
    func roundTrips() {
        var random = SeededRandom(seed: 7)
        for _ in 0..<100_000 {
            let value = Double(bitPattern: random.next())
            guard value.isFinite else { continue }
            let text = decimal(value)
            #expect(Double(text)?.bitPattern == value.bitPattern, "\(text)")
            #expect(text.utf8.count <= "\(value)".utf8.count, "\(text) \(value)")
        }
    }
}
