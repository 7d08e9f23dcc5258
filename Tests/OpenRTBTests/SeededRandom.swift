/// SplitMix64: the same numbers from the same seed, everywhere.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    /// A value of JSON that no one has asked for: of every type, also beyond what a double or a
    /// character can hold, and with the names of fields that matter elsewhere.
    mutating func value(depth: Int = 0) -> String {
        switch Int.random(in: 0..<(depth < 5 ? 8 : 6), using: &self) {
        case 0: return ["null", "true", "false"].randomElement(using: &self) ?? ""
        case 1: return "\(Int64.random(in: .min ... .max, using: &self))"
        case 2: return "\(Double.random(in: -1e300...1e300, using: &self))"
        case 3:
            return ["1e999", "-1E+999", "123456789012345678901234567890", "1e-999", "0", "-0.0"]
                .randomElement(using: &self) ?? ""
        case 4: return string()
        case 5:
            return ["\"\\ud800\"", "\"\\udc00x\"", "\"\\ud83e\\udd7e\"", "\"\\u0000\""]
                .randomElement(using: &self) ?? ""
        case 6:
            let count = Int.random(in: 0..<4, using: &self)
            return "[" + (0..<count).map { _ in value(depth: depth + 1) }.joined(separator: " , ")
                + "]"
        default:
            let count = Int.random(in: 0..<4, using: &self)
            let fields = (0..<count).map { _ in "\(name()) :\(value(depth: depth + 1))" }
            return "{" + fields.joined(separator: ",") + " }"
        }
    }

    private mutating func name() -> String {
        ["\"id\"", "\"imp\"", "\"coppa\"", "\"user\"", "\"buyeruid\"", "\"\"", string()]
            .randomElement(using: &self) ?? ""
    }

    private mutating func string() -> String {
        let pieces = ["a", "ß", "🥾", "\\\"", "\\\\", "\\n", "\\/", "\\u00e9", "{", "]", ",", " "]
        let count = Int.random(in: 0..<6, using: &self)
        return "\"" + (0..<count).map { _ in pieces.randomElement(using: &self) ?? "" }.joined()
            + "\""
    }
}
