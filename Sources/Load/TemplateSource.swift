/// Commands made of templates, by their weights.
struct TemplateSource {
    private let templates: [CommandTemplate]
    private let choice: WeightedChoice
    private let users: ZipfDistribution
    private let itemCount: Int
    private var random: RandomSource
    private var sequence = 0

    init(_ templates: [CommandTemplate], _ plan: LoadPlan, _ random: RandomSource) {
        self.templates = templates
        choice = WeightedChoice(templates.map(\.weight))
        users = ZipfDistribution(count: plan.population.users, alpha: plan.population.userAlpha)
        itemCount = plan.population.items
        self.random = random
    }

    mutating func next(into writer: inout CommandWriter) -> Int {
        let index = choice.draw(&random)
        let user = users.draw(&random) - 1
        let item = random.below(itemCount)
        templates[index].write(
            user: user, item: item, sequence: sequence, &random, into: &writer)
        sequence += 1
        return index
    }
}

extension CommandTemplate {
    func write(
        user: Int, item: Int, sequence: Int, _ random: inout RandomSource,
        into writer: inout CommandWriter
    ) {
        writer.begin(words: words.count)
        for pieces in words {
            writer.pieces { bytes in
                for piece in pieces {
                    switch piece {
                    case .literal(let text): bytes.append(contentsOf: text.utf8)
                    case .user: bytes.append(contentsOf: String(user).utf8)
                    case .item: bytes.append(contentsOf: String(item).utf8)
                    case .sequence: bytes.append(contentsOf: String(sequence).utf8)
                    case .integer(let range):
                        let number = range.lowerBound + random.below(range.count)
                        bytes.append(contentsOf: String(number).utf8)
                    case .bytes(let count): Payload.append(count, &random, to: &bytes)
                    }
                }
            }
        }
    }
}

/// Printable bytes at random, cut from a block that is made once: a payload costs a copy.
private enum Payload {
    private static let block: [UInt8] = {
        var random = RandomSource(seed: 0x7061_796C_6F61_6421)
        return (0..<65_536).map { _ in UInt8(0x30 + random.below(0x7A - 0x30 + 1)) }
    }()

    static func append(_ count: Int, _ random: inout RandomSource, to bytes: inout [UInt8]) {
        var left = count
        while left > 0 {
            let start = random.below(block.count)
            let length = min(left, block.count - start)
            bytes.append(contentsOf: block[start..<start + length])
            left -= length
        }
    }
}
