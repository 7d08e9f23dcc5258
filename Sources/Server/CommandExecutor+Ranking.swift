import Domain
import Engine
import NIOCore
import Policy
import Text
import Wire

/// `RANK` and `RECOMMEND`: the hot path.
extension CommandExecutor {
    /// - Parameter verb: By which it was asked for.
    func rank(
        _ verb: CommandName, _ command: RankCommand, _ arguments: CommandArguments, arrived: Int64?,
        writer: inout ReplyWriter
    ) throws(EngineError) {
        let start = command.isFull ? WallClock.monotonicNanoseconds : 0
        let deadline = deadline(of: command, arrived: arrived)
        if let deadline, deadline <= start { return shed(command, writer: &writer) }
        let setup = shared.engine.setup
        let surface = try surface(of: command.occasion, arguments, setup: setup)
        let bytes = arguments.bytes
        let ranges = arguments.ranges
        var masked = GateSet()
        let request = request(
            for: command.occasion, on: surface, setup: setup, bytes: bytes, masked: &masked)
        var output = writer
        writer.buffer = ByteBuffer()  // no storage: the buffer has one owner while it grows
        defer { writer = output }
        try shared.engine.rank(
            request, on: surface, setup: setup, candidates: Candidates(command.candidates),
            top: command.top, deadline: deadline, bytes: bytes, ranges: ranges, ranker: ranker,
            whenResolved: { meter.lap(.resolve) }
        ) { results in
            meter.lap(.score)
            if results.coverage < 1 { output.outcome = .partial }
            if command.isFull {
                writeFull(
                    results, command, setup: setup, start: start, bytes: bytes, ranges: ranges,
                    writer: &output)
            } else {
                writePairs(results, writer: &output)
            }
            noteIfSlow(
                verb, command, nanoseconds: meter.lapLast(.slate), results: results,
                request: request, on: surface, setup: setup, bytes: bytes)
        }
        countMasked(by: masked)
    }

    /// Counts the request at the gates that kept something out of it: what the user has said, or a
    /// context's text.
    func countMasked(by contexts: GateSet) {
        var masked = ranker.masked
        masked.formUnion(contexts)
        if !masked.isEmpty { shared.counters.masked.count(masked) }
    }

    /// Whether to look at all items of the surface takes too long for an event loop.
    func isScan(
        _ occasion: Occasion, _ arguments: CommandArguments
    ) throws(EngineError) -> Bool {
        let surface = try surface(of: occasion, arguments, setup: shared.engine.setup)
        guard ranker.rowsCount(on: surface) > scanRowsMax else { return false }
        shared.counters.scansOffloaded.increment()
        return true
    }

    /// Whether a context has a text that must pass the gate: on ads at least, by a worker.
    func readsText(
        _ occasion: Occasion, _ arguments: CommandArguments
    ) throws(EngineError) -> Bool {
        guard reader == nil else { return false }
        let hasText = occasion.contexts.indices.contains {
            if case .text = occasion.contexts[$0] { return true }
            return false
        }
        guard hasText else { return false }
        let setup = shared.engine.setup
        let surface = try surface(of: occasion, arguments, setup: setup)
        return setup.policy.wallsContextText(on: surface.surface.lane)
    }

    func surface(
        of occasion: Occasion, _ arguments: CommandArguments, setup: Setup
    ) throws(EngineError) -> ResolvedSurface {
        let name = arguments[occasion.surface]
        guard let surface = setup.surface(named: name) else { throw .unknownSurface(name.excerpt) }
        return surface
    }

    /// The occasion with its texts read: on the ads lane, and where else the policy says so, a text
    /// counts by its topics only, and not at all when it is sensitive or cannot be told.
    ///
    /// - Parameter masked: Gets the gates that kept texts out.
    func request(
        for occasion: Occasion, on surface: ResolvedSurface, setup: Setup, bytes: Span<UInt8>,
        masked: inout GateSet
    ) -> RankRequest {
        var request = RankRequest(
            user: occasion.user, clock: occasion.at ?? shared.now, restriction: occasion.region)
        for index in occasion.contexts.indices {
            switch occasion.contexts[index] {
            case .text(let range):
                let text = bytes.extracting(range.range)
                guard setup.policy.wallsContextText(on: surface.surface.lane) else {
                    request.append(.row(shared.text.embed(text)))
                    continue
                }
                let (context, gate) = topicsContext(of: text, policy: setup.policy)
                request.append(context)
                if let gate { masked.insert(gate) }
            case .topic(let range):
                request.append(topicContext(named: bytes.extracting(range.range)))
            case .item(let range): request.append(.item(range))
            case .vector(let space, let range): request.append(.vector(space, range))
            }
        }
        return request
    }

    /// Texts to be judged come to executors with a reader, unless the surface or the policy has
    /// changed since that was asked: what cannot be read now counts as sensitive.
    private func topicsContext(
        of text: Span<UInt8>, policy: PolicyTable
    ) -> (context: RankRequest.Context, gate: Gate?) {
        guard let reader else {
            let weight = TopicWeight(topic: TopicID(rawValue: 0), weight: 0)
            return (.topics(InlineArray(repeating: weight), count: 0), .sensitive)
        }
        return reader.topicsContext(of: text, policy: policy)
    }

    /// An unknown topic weighs nothing.
    private func topicContext(named name: Span<UInt8>) -> RankRequest.Context {
        let topic = shared.engine.topics.topic(named: String(repairing: name))
        let weight = TopicWeight(topic: topic ?? TopicID(rawValue: 0), weight: .max)
        return .topics(InlineArray(repeating: weight), count: topic == nil ? 0 : 1)
    }

    private func writePairs(_ results: borrowing RankResults, writer: inout ReplyWriter) {
        writer.pairs(count: results.count)
        results.forEach { id, score in writer.pair(id: id, score: score) }
    }

    private func writeFull(
        _ results: borrowing RankResults, _ command: RankCommand, setup: Setup, start: Int64,
        bytes: Span<UInt8>, ranges: Span<ByteRange>, writer: inout ReplyWriter
    ) {
        let nanoseconds = WallClock.monotonicNanoseconds - start
        let coverage = results.coverage
        if coverage < 1 { shared.counters.repliesPartial.increment() }
        writer.map(count: 7)
        writer.bulk("items")
        writePairs(results, writer: &writer)
        writer.bulk("candidates")
        writer.integer(results.candidatesCount)
        writer.bulk("eligible")
        writer.integer(results.eligibleCount)
        writer.bulk("unknown")
        writeUnknown(results.unknown, command, bytes: bytes, ranges: ranges, writer: &writer)
        writer.bulk("coverage")
        writer.double(coverage)
        writer.bulk("policy")
        writer.bulk(setup.policyDigest)
        writer.bulk("microseconds")
        writer.integer(nanoseconds / 1_000)
    }

    /// The given candidates that name no live item.
    private func writeUnknown(
        _ positions: [Int], _ command: RankCommand, bytes: Span<UInt8>, ranges: Span<ByteRange>,
        writer: inout ReplyWriter
    ) {
        writer.array(count: positions.count)
        for position in positions {
            switch command.candidates {
            case .all: break
            case .packed(let range):
                let number = bytes.extracting(range.range).littleEndianNumber(at: position * 8)
                writer.bulk(String(number))
            case .items(let first, _): writer.bulk(bytes.extracting(ranges[first + position].range))
            }
        }
    }
}

extension Candidates {
    init(_ candidates: RankCommand.Candidates) {
        switch candidates {
        case .all: self = .all
        case .packed(let range): self = .packed(range)
        case .items(let first, let count): self = .identifiers(first..<first + count)
        }
    }
}

extension Span<UInt8> {
    /// The 64-bit number whose least significant byte is at `offset`.
    fileprivate func littleEndianNumber(at offset: Int) -> UInt64 {
        (0..<8).reduce(0) { $0 | UInt64(self[offset + $1]) << UInt64(8 * $1) }
    }
}
