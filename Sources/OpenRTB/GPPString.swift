/// A string of the IAB's Global Privacy Platform, as far as it tells whether a person has opted out of
/// ads that follow them.
///
/// A header names the sections, each a law's. What cannot be read counts as an opt-out.
struct GPPString {
    private let sections: [(number: Int, text: Substring)]

    /// Sections whose fields are known here.
    private enum Section {
        static let europe = 2
        static let usPrivacy = 6
        /// By their number: the bits at which fields begin that say 1 for "opted out".
        ///
        /// Each begins with a version of 6 bits; the fields after it have two. Read from the
        /// technical specifications of the sections: US National, California, Virginia, Colorado,
        /// Utah, Connecticut.
        static let optOuts: [Int: [Int]] = [
            7: [18, 20, 22], 8: [12, 14], 9: [12, 14], 10: [12, 14], 11: [14, 16], 12: [12, 14],
        ]
        static let versionBits = 6
        static let fieldBits = 2
        static let optedOut = 1
        /// The versions whose fields begin alike.
        static let versions = 1...2
    }

    /// `nil` when the header cannot be read, or the sections are not as many as it names.
    init?(_ text: String) {
        let parts = text.split(separator: "~", omittingEmptySubsequences: false)
        guard var header = parts.first.map(BitReader.init) else { return nil }
        guard header.number(bits: 6) == 3, header.number(bits: 6) == 1,
            let numbers = header.fibonacciRange(countMax: parts.count - 1),
            numbers.count == parts.count - 1
        else { return nil }
        sections = Array(zip(numbers, parts.dropFirst())).map { (number: $0.0, text: $0.1) }
    }

    /// Whether every section that applies lets personal signals be used.
    ///
    /// - Parameters:
    ///   - applicable: The numbers of the sections that apply; `nil` or 0 is all that there are, -1 is
    ///     none.
    ///   - allowsGDPR: Whether personal signals may be used under the GDPR.
    func allowsPersonalSignals(applicable: [Int]?, allowsGDPR: Bool) -> Bool {
        let asked = (applicable ?? []).filter { $0 != -1 }
        if asked.isEmpty, let applicable, !applicable.isEmpty { return true }
        let numbers = asked.isEmpty || asked.contains(0) ? sections.map(\.number) : asked
        return numbers.allSatisfy { number in
            guard let section = sections.first(where: { $0.number == number }) else {
                return false
            }
            return Self.allows(number, section.text, allowsGDPR: allowsGDPR)
        }
    }

    private static func allows(_ number: Int, _ text: Substring, allowsGDPR: Bool) -> Bool {
        if number == Section.europe { return allowsGDPR }
        if number == Section.usPrivacy { return USPrivacyString.allowsPersonalSignals(text) }
        guard let optOuts = Section.optOuts[number] else { return false }
        let segments = text.split(separator: ".", omittingEmptySubsequences: false)
        guard let first = segments.first else { return false }
        let core = BitReader(first)
        guard let version = core.number(bits: Section.versionBits, at: 0),
            Section.versions.contains(version)
        else { return false }
        for bit in optOuts {
            guard let field = core.number(bits: Section.fieldBits, at: bit),
                field != Section.optedOut
            else { return false }
        }
        return segments.dropFirst().allSatisfy(isSilentControl)
    }

    /// Whether a segment says that the browser's Global Privacy Control is off: type 1, then a bit.
    private static func isSilentControl(_ segment: Substring) -> Bool {
        let reader = BitReader(segment)
        return reader.number(bits: 2, at: 0) == 1 && reader.number(bits: 1, at: 2) == 0
    }
}

/// A US Privacy string: version, notice, opt-out of sale, agreement; `1YNN`.
enum USPrivacyString {
    /// Whether it says that the person has not opted out of sale, or that the law does not apply. What
    /// cannot be read counts as an opt-out.
    static func allowsPersonalSignals(_ text: some StringProtocol) -> Bool {
        let letters = Array(text.uppercased().utf8)
        guard letters.count == 4, letters[0] == UInt8(ascii: "1") else { return false }
        return letters[2] == UInt8(ascii: "N") || letters[2] == UInt8(ascii: "-")
    }
}

/// Bits of a text in the alphabet of base64url, most significant first.
private struct BitReader {
    /// Six bits each; ends before the first character that is none of the alphabet.
    private let sextets: [UInt8]
    private var position = 0

    init(_ text: Substring) {
        var sextets: [UInt8] = []
        for byte in text.utf8 {
            guard let value = Self.sextet(byte) else { break }
            sextets.append(value)
        }
        self.sextets = sextets
    }

    private static func sextet(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "-"): 62
        case UInt8(ascii: "_"): 63
        default: nil
        }
    }

    /// `nil` behind the end.
    private func bit(at position: Int) -> Int? {
        guard position < sextets.count * 6 else { return nil }
        return Int(sextets[position / 6] >> UInt8(5 - position % 6)) & 1
    }

    func number(bits count: Int, at position: Int) -> Int? {
        var number = 0
        for offset in 0..<count {
            guard let bit = bit(at: position + offset) else { return nil }
            number = number << 1 | bit
        }
        return number
    }

    mutating func number(bits count: Int) -> Int? {
        defer { position += count }
        return number(bits: count, at: position)
    }

    /// A number as a sum of Fibonacci's, the least first; two ones end it.
    private mutating func fibonacci() -> Int? {
        var (weight, next) = (1, 2)
        var sum = 0
        var previous = 0
        while let bit = number(bits: 1), weight <= Int(Int32.max) {
            if bit == 1 && previous == 1 { return sum }
            sum += bit * weight
            (weight, next) = (next, weight + next)
            previous = bit
        }
        return nil
    }

    /// Ascending numbers, each given by its distance from the one before; a pair that a 1 announces
    /// stands for all between.
    mutating func fibonacciRange(countMax: Int) -> [Int]? {
        guard let entries = number(bits: 12) else { return nil }
        var numbers: [Int] = []
        var last = 0
        for _ in 0..<entries {
            guard let isRange = number(bits: 1), let first = fibonacci() else { return nil }
            var length = 0
            if isRange == 1 {
                guard let more = fibonacci() else { return nil }
                length = more
            }
            guard numbers.count + length < countMax else { return nil }
            numbers += (last + first)...(last + first + length)
            last += first + length
        }
        return numbers
    }
}
