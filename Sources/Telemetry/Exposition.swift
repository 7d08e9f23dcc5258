/// Writes metrics in the text format that Prometheus reads (0.0.4): for each family what it means and
/// what it is, then its samples.
package struct Exposition {
    package enum Kind: String, Sendable {
        case counter, gauge, histogram, summary
    }

    /// Names with values, in the order they are written.
    package typealias Labels = [(name: String, value: String)]

    package static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    package private(set) var text = ""

    package init() {}

    // MARK: Families

    /// Begins a family, whose samples follow. A name comes once.
    package mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        text += "# HELP \(name) \(Self.escaped(help, quotes: false))\n"
        text += "# TYPE \(name) \(kind.rawValue)\n"
    }

    /// A whole family of one sample.
    package mutating func counter(_ name: String, _ help: String, _ value: some BinaryInteger) {
        family(name, .counter, help)
        sample(name, value: "\(value)")
    }

    package mutating func gauge(_ name: String, _ help: String, _ value: some BinaryInteger) {
        family(name, .gauge, help)
        sample(name, value: "\(value)")
    }

    package mutating func gauge(_ name: String, _ help: String, _ value: Double) {
        family(name, .gauge, help)
        sample(name, value: Self.number(value))
    }

    package mutating func gauge(_ name: String, _ help: String, _ value: Bool) {
        gauge(name, help, value ? 1 : 0)
    }

    /// A gauge that is 1, and says what there is to say in its labels.
    package mutating func information(_ name: String, _ help: String, _ labels: Labels) {
        family(name, .gauge, help)
        sample(name, labels, value: "1")
    }

    // MARK: Samples

    package mutating func sample(_ name: String, _ labels: Labels, _ value: some BinaryInteger) {
        sample(name, labels, value: "\(value)")
    }

    package mutating func sample(_ name: String, _ labels: Labels, _ value: Double) {
        sample(name, labels, value: Self.number(value))
    }

    /// A histogram's buckets, sum and count, in seconds.
    package mutating func durations(_ name: String, _ labels: Labels, _ sample: DurationSample) {
        var sum: UInt64 = 0
        for (index, bound) in DurationSample.boundsNanoseconds.enumerated() {
            sum += sample.counts[index]
            let limit = Self.number(Double(bound) / 1e9)
            self.sample(name + "_bucket", labels + [("le", limit)], value: "\(sum)")
        }
        let count = sample.count
        self.sample(name + "_bucket", labels + [("le", "+Inf")], value: "\(count)")
        self.sample(
            name + "_sum", labels, value: Self.number(Double(sample.sumNanoseconds) / 1e9))
        self.sample(name + "_count", labels, value: "\(count)")
    }

    private mutating func sample(_ name: String, _ labels: Labels = [], value: String) {
        text += name
        if !labels.isEmpty {
            let pairs = labels.map { "\($0.name)=\"\(Self.escaped($0.value, quotes: true))\"" }
            text += "{\(pairs.joined(separator: ","))}"
        }
        text += " \(value)\n"
    }

    private static func number(_ value: Double) -> String {
        switch value {
        case .infinity: "+Inf"
        case -.infinity: "-Inf"
        case _ where value.isNaN: "NaN"
        default: "\(value)"
        }
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
