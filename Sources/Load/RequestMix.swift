/// What the generator asks a Cairn server for, and how often.
package struct RequestMix: Equatable, Sendable, CustomStringConvertible {
    package enum Sort: String, CaseIterable, Sendable {
        case rank, recommend, like, impression, chat
        case chatText = "chat-text"
        case item

        /// As results name it.
        var label: String {
            switch self {
            case .rank: "RANK"
            case .recommend: "RECOMMEND"
            case .like: "SIGNAL LIKE"
            case .impression: "SIGNAL IMPRESSION"
            case .chat: "SIGNAL CHAT TOPIC"
            case .chatText: "SIGNAL CHAT TEXT"
            case .item: "ITEM.ADD"
            }
        }
    }

    package let weights: [(sort: Sort, weight: Double)]

    package static let standard = RequestMix([
        (.rank, 90), (.recommend, 1), (.like, 5), (.impression, 2), (.chat, 1), (.item, 1),
    ])

    private init(_ weights: [(sort: Sort, weight: Double)]) { self.weights = weights }

    /// `rank=90,like=9,chat-text=1`; what is not named does not happen.
    package init(_ text: String) throws(LoadError) {
        var weights: [(sort: Sort, weight: Double)] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "=", omittingEmptySubsequences: false)
            guard sides.count == 2, let sort = Sort(rawValue: String(sides[0])) else {
                let names = Sort.allCases.map(\.rawValue).joined(separator: ", ")
                throw .setting("--mix", "'\(part)' is not NAME=WEIGHT with a name of \(names)")
            }
            guard let weight = Double(sides[1]), weight >= 0, weight.isFinite else {
                throw .setting("--mix", "'\(sides[1])' is not a weight of \(sort.rawValue)")
            }
            guard !weights.contains(where: { $0.sort == sort }) else {
                throw .setting("--mix", "\(sort.rawValue) is given twice")
            }
            if weight > 0 { weights.append((sort, weight)) }
        }
        guard !weights.isEmpty else { throw .setting("--mix", "nothing has a weight above 0") }
        self.weights = weights
    }

    package var description: String {
        weights.map { "\($0.sort.rawValue)=\(LoadNumber.plain($0.weight))" }
            .joined(separator: ",")
    }

    package static func == (left: RequestMix, right: RequestMix) -> Bool {
        left.description == right.description
    }
}

/// Draws an index in proportion to weights.
struct WeightedChoice {
    private let bounds: [Double]

    init(_ weights: [Double]) {
        var sum = 0.0
        let total = weights.reduce(0, +)
        bounds = weights.map { weight in
            sum += weight
            return sum / total
        }
    }

    func draw(_ random: inout RandomSource) -> Int {
        guard bounds.count > 1 else { return 0 }
        let u = random.unit()
        return bounds.firstIndex { u < $0 } ?? bounds.count - 1
    }
}
