import Digest
import Domain
import Engine
import Logging
import OpenRTB
import Policy
import Text

/// Answers OpenRTB bid requests, one at a time, on the caller's thread: bytes in, bytes out. It knows no
/// HTTP; whoever does gives it the bodies.
///
/// One for each thread, beside the thread's `CommandExecutor`, with the same ranker.
package final class BidExecutor {
    package enum Outcome: Equatable, Sendable {
        /// It has been written.
        case response
        /// There is nothing to bid for, or nothing that is wanted.
        case nothing
        case refused(BidRequestError)
        /// A text to read or a long scan: an executor of a worker must answer the same body.
        case handOver
    }

    private let shared: ServerShared
    private let ranker: Ranker
    private let isWorker: Bool
    /// `nil` where texts that are not known yet are a worker's.
    private let reader: MessageReader?
    private var parser: JSONParser
    private var digests = SHA256Digest.Members()

    /// - Parameters:
    ///   - ranker: The thread's.
    ///   - reader: The thread's, if it reads texts.
    ///   - isWorker: Whether its thread may take as long as a request takes.
    init(
        _ shared: ServerShared, ranker: Ranker, reader: MessageReader?, isWorker: Bool
    ) throws {
        guard let parser = JSONParser() else { throw EngineError.outOfMemory }
        self.parser = parser
        self.shared = shared
        self.ranker = ranker
        self.reader = reader
        self.isWorker = isWorker
    }

    /// Answers the request that the body holds.
    ///
    /// - Parameters:
    ///   - clock: The request's clock.
    ///   - arrivedAt: When the request came, on the monotonic clock in nanoseconds: the time in which it
    ///     waited counts. Now when it is `nil`.
    ///   - output: Gets the response behind what it holds.
    package func answer(
        _ body: Span<UInt8>, clock: Timestamp, arrivedAt: Int64? = nil, into output: inout [UInt8]
    ) -> Outcome {
        let arrivedAt = arrivedAt ?? WallClock.monotonicNanoseconds
        let request: BidRequest
        do throws(BidRequestError) {
            request = try BidRequest.read(body, with: &parser)
        } catch {
            shared.counters.bidRequests.increment()
            return .refused(error)
        }
        let settings = shared.configuration.bidding
        let plan = BidPlan(request, settings: settings, clock: clock)
        var response: BidResponse
        do throws(EngineError) {
            guard let answer = try answer(plan, arrivedAt: arrivedAt) else { return .handOver }
            response = answer
        } catch {
            shared.logger.debug("no bids", metadata: ["error": "\(error.message)"])
            response = BidResponse(id: plan.requestID, content: .none(.technicalError))
        }
        shared.counters.bidRequests.increment()
        if case .bids(let bids) = response.content, bids.isEmpty { return .nothing }
        response.write(settings: settings, clock: clock, to: &output)
        return .response
    }

    /// `nil` when it takes a worker.
    private func answer(_ plan: BidPlan, arrivedAt: Int64) throws(EngineError) -> BidResponse? {
        guard !plan.slots.isEmpty else {
            return BidResponse(id: plan.requestID, content: .bids([]))
        }
        let deadline = plan.budgetMicroseconds.map { arrivedAt + Int64($0) * 1_000 }
        if let deadline, WallClock.monotonicNanoseconds >= deadline {
            shared.counters.requestsShed.increment()
            return BidResponse(id: plan.requestID, content: .none(.insufficientTime))
        }
        let setup = shared.engine.setup
        let name = shared.configuration.biddingSurface
        // A surface may have changed since the configuration was checked: what it ranks on another
        // lane is worth no money.
        guard let surface = setup.surface(named: name.utf8.span), surface.surface.lane == .ads
        else {
            throw .unknownSurface(name)
        }
        guard !takesWorker(surface), let readings = readings(of: plan.texts) else { return nil }
        let (request, masked) = request(for: plan, readings, policy: setup.policy)
        let (bids, coverage) = try select(
            for: plan, request, on: surface, setup: setup, deadline: deadline)
        count(masked)
        if coverage < 1 { shared.counters.repliesPartial.increment() }
        let isLate = bids.isEmpty && coverage < 1
        return BidResponse(
            id: plan.requestID, content: isLate ? .none(.insufficientTime) : .bids(bids),
            coverage: coverage)
    }

    private func takesWorker(_ surface: ResolvedSurface) -> Bool {
        guard !isWorker, ranker.rowsCount(on: surface) > Limits.inlineScanRowsMax else {
            return false
        }
        shared.counters.scansOffloaded.increment()
        return true
    }

    /// What the texts say; `nil` when one of them is not known and cannot be read here.
    private func readings(of texts: [String]) -> [MessageReading]? {
        var readings: [MessageReading] = []
        for text in texts {
            let key = digests.sum(of: text.utf8.span)
            if let known = shared.readings[key] {
                readings.append(known)
                continue
            }
            guard let reader else { return nil }
            let reading = reader.reading(of: text)
            shared.readings.keep(reading, for: key)
            readings.append(reading)
        }
        return readings
    }

    /// The plan's person, or nobody: no user has an empty identifier.
    private static func userBytes(of plan: BidPlan) -> [UInt8] {
        guard case .known(let id) = plan.person else { return [] }
        return Array(id.text.utf8)
    }

    /// The request with what the texts around the ad say; if one of them is about a sensitive matter,
    /// so is the place, and none counts.
    private func request(
        for plan: BidPlan, _ readings: [MessageReading], policy: PolicyTable
    ) -> (request: RankRequest, masked: GateSet) {
        let user = ByteRange(offset: 0, count: Self.userBytes(of: plan).count)
        var bare = RankRequest(user: user, clock: plan.clock, restriction: plan.region)
        bare.language = plan.language
        var request = bare
        var masked = GateSet()
        for reading in readings {
            let (context, gate) = reading.context(under: policy)
            request.append(context)
            if let gate { masked.insert(gate) }
        }
        return (masked.contains(.sensitive) ? bare : request, masked)
    }

    /// The best ads for the impressions. Which ads a publisher wants is known only when they are
    /// ranked, so more are ranked than are needed, and more again while that does not suffice and
    /// there is time.
    private func select(
        for plan: BidPlan, _ request: RankRequest, on surface: ResolvedSurface, setup: Setup,
        deadline: Int64?
    ) throws(EngineError) -> (bids: [BidResponse.Bid], coverage: Double) {
        let bytes = Self.userBytes(of: plan)
        var top = Limits.bidCandidatesMin + plan.slots.count
        while true {
            var selection = BidSelection(plan)
            var isLast = false
            var coverage = 1.0
            try shared.engine.rank(
                request, on: surface, setup: setup, candidates: .all, top: top, deadline: deadline,
                bytes: bytes.span, ranges: Span<ByteRange>(), ranker: ranker
            ) { results in
                results.forEach { id, score in
                    selection.offer(id, micros: score) {
                        ranker.offer(of: id).map { ($0.declaration, $0.languages) }
                    }
                }
                coverage = results.coverage
                isLast = results.count < top || coverage < 1
            }
            if selection.isComplete || isLast || top == Limits.topMax {
                return (selection.bids, coverage)
            }
            top = min(top * Self.refillFactor, Limits.topMax)
        }
    }

    /// How many times as many ads are ranked when too many were not wanted.
    private static let refillFactor = 8

    private func count(_ contexts: GateSet) {
        var masked = ranker.masked
        masked.formUnion(contexts)
        if !masked.isEmpty { shared.counters.masked.count(masked) }
    }
}
