import Domain
import Testing

@testable import Engine

/// One place of a ranking; equal when identifier and score are, to the bit.
struct Ranked: Equatable, CustomStringConvertible {
    let id: String
    let score: Double
    var description: String { "\(id) \(score)" }
}

/// What goes on around a request.
enum Surrounding {
    case row(TextRow)
    case topic(String)
    case item(String)
    case vector(Space, [Float])
}

/// What a request may rank, by name.
enum Given {
    case all
    case items([String])
    case packed([UInt64])
}

/// A request with the bytes that its ranges point into.
struct BuiltRequest {
    private(set) var bytes: [UInt8] = []
    private(set) var ranges: [ByteRange] = []
    private(set) var candidates = Candidates.all
    var request: RankRequest

    init(user: String, clock: Timestamp, region: Region?) {
        bytes = Array(user.utf8)
        request = RankRequest(
            user: ByteRange(offset: 0, count: bytes.count), clock: clock, restriction: region)
    }

    mutating func append(_ surrounding: Surrounding) {
        switch surrounding {
        case .row(let row): request.append(.row(row))
        case .topic(let name):
            let number = UInt16(TestEngine.topics.firstIndex(of: name) ?? 0)
            let weight = TopicWeight(topic: TopicID(rawValue: number), weight: 255)
            request.append(.topics(InlineArray(repeating: weight), count: 1))
        case .item(let id): request.append(.item(append(Array(id.utf8))))
        case .vector(let space, let values):
            request.append(.vector(space, append(littleEndian(values.map(\.bitPattern)))))
        }
    }

    mutating func choose(_ given: Given) {
        switch given {
        case .all: candidates = .all
        case .items(let ids):
            ranges = ids.map { append(Array($0.utf8)) }
            candidates = .identifiers(0..<ids.count)
        case .packed(let numbers): candidates = .packed(append(littleEndian(numbers)))
        }
    }

    private mutating func append(_ more: [UInt8]) -> ByteRange {
        defer { bytes += more }
        return ByteRange(offset: bytes.count, count: more.count)
    }

    private func littleEndian(_ numbers: [some FixedWidthInteger]) -> [UInt8] {
        numbers.flatMap { number in
            (0..<number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
        }
    }
}

extension TestEngine {
    func surface(_ name: String) throws -> ResolvedSurface {
        try #require(engine.setup.surface(named: try SurfaceName(name)))
    }

    func request(
        _ user: String, at clock: Int64, region: String? = nil, around: [Surrounding] = [],
        _ given: Given = .all
    ) throws -> BuiltRequest {
        var built = BuiltRequest(
            user: user, clock: try time(clock), region: try region.map { try Region($0) })
        for surrounding in around { built.append(surrounding) }
        built.choose(given)
        return built
    }

    func rank(
        _ user: String, on surface: String = "ads", at clock: Int64, region: String? = nil,
        around: [Surrounding] = [], top: Int = 100, _ given: Given = .all
    ) throws -> [Ranked] {
        let built = try request(user, at: clock, region: region, around: around, given)
        var ranked: [Ranked] = []
        try engine.rank(
            built.request, on: try self.surface(surface), setup: engine.setup,
            candidates: built.candidates, top: top, bytes: built.bytes.span,
            ranges: built.ranges.span, ranker: ranker
        ) { results in
            results.forEach { id, score in
                ranked.append(Ranked(id: String(repairing: id), score: score))
            }
        }
        return ranked
    }

    func explain(
        _ item: String, for user: String, on surface: String = "ads", at clock: Int64,
        region: String? = nil, around: [Surrounding] = []
    ) throws -> Engine.ScoreReport {
        let built = try request(user, at: clock, region: region, around: around)
        let item = Array(item.utf8)
        return try engine.explain(
            item.span, built.request, on: try self.surface(surface), setup: engine.setup,
            bytes: built.bytes.span, ranker: ranker)
    }

    func standing(
        of item: String, for user: String, on surface: String = "ads", at clock: Int64
    ) throws -> Engine.StandingReport {
        let built = try request(user, at: clock)
        let item = Array(item.utf8)
        return try engine.standing(
            of: item.span, built.request, on: try self.surface(surface), setup: engine.setup,
            bytes: built.bytes.span, ranker: ranker)
    }

    /// The names of the terms that chats, likes and the like contribute to.
    func terms(
        of item: String, for user: String, on surface: String = "ads", at clock: Int64,
        region: String? = nil, around: [Surrounding] = []
    ) throws -> [String] {
        try explain(item, for: user, on: surface, at: clock, region: region, around: around)
            .terms.filter { !$0.signals.isEmpty }.map(\.name)
    }
}
