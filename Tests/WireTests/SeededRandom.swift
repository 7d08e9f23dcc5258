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

    /// Commands with a few mistakes in them: mere noise would never get past the first byte.
    mutating func stream() -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 1...4, using: &self) {
            let fragments = [
                "*1\r\n$4\r\nPING\r\n", "*2\r\n$4\r\nECHO\r\n$3\r\na\r\n\r\n", "*0\r\n", "*-1\r\n",
                "PING\r\n", "ECHO \"a\\x41 b\" 'c'\n", "\r\n", "*3\r\n$1\r\na\r\n", "$2\r\nab\r\n",
            ]
            bytes += [UInt8](fragments.randomElement(using: &self) ?? "")
        }
        for _ in 0..<Int.random(in: 0...3, using: &self) {
            let place = Int.random(in: 0..<bytes.count, using: &self)
            switch Int.random(in: 0..<3, using: &self) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &self)
            case 1:
                bytes.insert(
                    [UInt8]("*$\r\n\"'\\x019- ").randomElement(using: &self) ?? 0, at: place)
            default: if bytes.count > 1 { bytes.remove(at: place) }
            }
        }
        return bytes
    }

    /// The bytes cut at random places.
    mutating func pieces(of bytes: [UInt8]) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var start = 0
        while start < bytes.count {
            let end = Int.random(in: start + 1...bytes.count, using: &self)
            pieces.append(Array(bytes[start..<end]))
            start = end
        }
        return pieces
    }
}
