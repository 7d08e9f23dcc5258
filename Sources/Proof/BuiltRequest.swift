import Domain
import Engine
import Policy

/// A request as the engine takes it, with the bytes that its ranges point into.
struct BuiltRequest {
    private(set) var bytes: [UInt8]
    private(set) var ranges: [ByteRange] = []
    private(set) var candidates = Candidates.all
    private(set) var request: RankRequest

    init(_ request: RequestCommand, at clock: Timestamp, world: World, setup: Setup) {
        bytes = Array(request.user.utf8)
        self.request = RankRequest(
            user: ByteRange(offset: 0, count: bytes.count), clock: clock,
            restriction: request.region.map { name in
                checked { () throws(DomainError) in try Region(name) }
            })
        let lane: Lane = World.isAds(request.surface) ? .ads : .content
        for context in request.contexts {
            switch context {
            case .message(let number):
                let message = world.messages[number]
                self.request.append(
                    setup.policy.wallsContextText(on: lane)
                        ? message.reading.context(under: setup.policy).context
                        : .row(message.row))
            case .topic(let number):
                let topic = TopicWeight(
                    topic: TopicID(rawValue: UInt16(world.namedTopics[number])), weight: .max)
                self.request.append(.topics(InlineArray(repeating: topic), count: 1))
            case .item(let id): self.request.append(.item(append(id)))
            }
        }
    }

    /// Ranks these instead of everything.
    mutating func choose(_ given: [String]?) {
        guard let given else { return }
        ranges = given.map { append($0) }
        candidates = .identifiers(0..<given.count)
    }

    private mutating func append(_ text: String) -> ByteRange {
        defer { bytes += text.utf8 }
        return ByteRange(offset: bytes.count, count: text.utf8.count)
    }
}
