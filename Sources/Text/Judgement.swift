import Domain

/// What the gate says of a text: how likely each sensitive category is, whether the text counts as
/// sensitive, and the everyday topics that it names.
package struct Judgement: Equatable, Sendable {
    /// The probability of each category: the largest over the text's parts.
    package let probabilities: [SensitiveLabel: Double]
    /// The probability of any of them: the largest over the text's parts.
    package let probability: Double
    /// The likeliest category of the part that crosses the threshold furthest; `nil` when none does.
    package let sensitive: SensitiveLabel?
    /// The closest topics, closest first, at most `Limits.chatTopicsMax`.
    package let topics: [TopicWeight]
}

/// Gathers the runs over a text's parts: the maximum counts.
struct JudgementBuilder {
    private let gate: SensitiveGate
    private var probabilities = InlineArray<8, Double>(repeating: 0)
    private var oddsMax = 0.0
    private var label: SensitiveLabel?
    private var dots: [Int32]

    init(gate: SensitiveGate) {
        self.gate = gate
        dots = [Int32](repeating: .min, count: gate.core.topicsCount)
    }

    /// - Parameters:
    ///   - term: The label of a lexicon's term in the part, 0 for none.
    ///   - isSentence: The part is one sentence of several.
    mutating func add(_ run: GateCore.Run, term: UInt16, isSentence: Bool) {
        var logits = InlineArray<8, Double> { Double(run.logits[$0]) }
        if isSentence { logits[0] += gate.limits.sentenceLogit }
        if (1..<8).contains(term) { logits[Int(term)] += gate.limits.termLogit }
        let odds = GateCore.odds(of: logits, against: logits[0])
        var sum = 0.0
        var best = 1
        for category in 1..<8 {
            sum += odds[category]
            if odds[category] > odds[best] { best = category }
        }
        for category in 1..<8 {
            probabilities[category] = max(probabilities[category], odds[category] / (1 + sum))
        }
        if sum > oddsMax {
            oddsMax = sum
            label = SensitiveLabel(rawValue: UInt8(best))
        }
        gate.core.forEachTopic(against: run.topic) { dots[$0] = max(dots[$0], $1) }
    }

    func finish() -> Judgement {
        var named: [SensitiveLabel: Double] = [:]
        for label in SensitiveLabel.allCases { named[label] = probabilities[Int(label.rawValue)] }
        return Judgement(
            probabilities: named, probability: oddsMax / (1 + oddsMax),
            sensitive: oddsMax >= gate.limits.oddsMin ? label : nil,
            topics: TopicWeight.closest(dots, from: gate.limits.topicDotMin))
    }
}

extension TopicWeight {
    /// The topics whose dot product reaches `least`, closest first; equals keep the list's order.
    static func closest(_ dots: [Int32], from least: Int32) -> [TopicWeight] {
        var best: [Int] = []
        for topic in dots.indices where dots[topic] >= least {
            let place = best.firstIndex { dots[$0] < dots[topic] } ?? best.count
            guard place < Limits.chatTopicsMax else { continue }
            best.insert(topic, at: place)
            if best.count > Limits.chatTopicsMax { best.removeLast() }
        }
        return best.map {
            TopicWeight(topic: TopicID(rawValue: UInt16($0)), weight: weight(ofDot: dots[$0]))
        }
    }

    /// The cosine in units of 1/255, rounded; a dot product of 127 x 127 is 1.
    private static func weight(ofDot dot: Int32) -> UInt8 {
        UInt8(clamping: (Int(dot) * 255 + 16_129 / 2) / 16_129)
    }
}
