import Domain
import Engine
import Logging
import OpenRTB
import Policy
import Text

/// Answers OpenRTB bid requests, one at a time, on the caller's thread: bytes in, status and bytes
/// out. It knows no HTTP; whoever does gives it the bodies.
///
/// One for each thread, beside the thread's `CommandExecutor`.
package final class BidExecutor {
    package enum Outcome: Equatable, Sendable {
        /// The status of HTTP: 200 with a response, 204 with nothing, 400 or 413 with a problem
        /// document that says where the request is wrong.
        case answered(status: Int)
        /// A text to read or a long scan: an executor of a worker must answer the same body.
        case handOver
    }

    private let shared: ServerShared
    private let ranker: Ranker
    private let isWorker: Bool
    /// `nil` where texts are a worker's.
    private let reader: MessageReader?
    private var parser: JSONParser

    /// - Parameter isWorker: Whether its thread may take as long as a request takes.
    package init(_ shared: ServerShared, isWorker: Bool) throws {
        guard let parser = JSONParser() else { throw EngineError.outOfMemory }
        self.parser = parser
        self.shared = shared
        self.isWorker = isWorker
        ranker = try shared.engine.makeRanker()
        reader =
            isWorker || shared.gate == nil
            ? try MessageReader(model: shared.text, gate: shared.gate) : nil
    }

    /// Answers the request that the body holds.
    ///
    /// - Parameters:
    ///   - clock: The request's clock.
    ///   - output: Gets the body of the answer behind what it holds.
    package func answer(
        _ body: Span<UInt8>, clock: Timestamp, into output: inout [UInt8]
    ) -> Outcome {
        let request: BidRequest
        do throws(BidRequestError) {
            request = try BidRequest.read(body, with: &parser)
        } catch {
            let status = if case .tooLong = error { 413 } else { 400 }
            error.write(status: status, to: &output)
            return .answered(status: status)
        }
        let settings = shared.configuration.bidding
        let plan = BidPlan(request, settings: settings, clock: clock)
        do throws(EngineError) {
            guard let content = try answer(plan) else { return .handOver }
            if case .bids(let bids) = content, bids.isEmpty { return .answered(status: 204) }
            BidResponse(id: plan.requestID, content: content)
                .write(settings: settings, clock: clock, to: &output)
        } catch {
            shared.logger.debug("no bids", metadata: ["error": "\(error.message)"])
            BidResponse(id: plan.requestID, content: .none(.technicalError))
                .write(settings: settings, clock: clock, to: &output)
        }
        return .answered(status: 200)
    }

    /// `nil` when it takes a worker.
    private func answer(_ plan: BidPlan) throws(EngineError) -> BidResponse.Content? {
        guard !plan.slots.isEmpty else { return .bids([]) }
        if plan.budgetMicroseconds == 0 { return .none(.insufficientTime) }
        let deadline = plan.budgetMicroseconds.map {
            WallClock.monotonicNanoseconds + Int64($0) * 1_000
        }
        let setup = shared.engine.setup
        let name = shared.configuration.biddingSurface
        // A surface may have changed since the configuration was checked: what it ranks on another
        // lane is worth no money.
        guard let surface = setup.surface(named: name.utf8.span), surface.surface.lane == .ads
        else {
            throw .unknownSurface(name)
        }
        if takesWorker(plan, on: surface) { return nil }
        let (request, masked) = request(for: plan, policy: setup.policy)
        let bids = try select(
            for: plan, request, on: surface, setup: setup, deadline: deadline)
        count(masked)
        return .bids(bids)
    }

    private func takesWorker(_ plan: BidPlan, on surface: ResolvedSurface) -> Bool {
        guard !isWorker else { return false }
        if reader == nil && !plan.texts.isEmpty { return true }
        guard ranker.rowsCount(on: surface) > Limits.inlineScanRowsMax else { return false }
        shared.counters.scansOffloaded.increment()
        return true
    }

    /// The plan's person, or nobody: no user has an empty identifier.
    private static func userBytes(of plan: BidPlan) -> [UInt8] {
        guard case .known(let id) = plan.person else { return [] }
        return Array(id.text.utf8)
    }

    /// The request with the texts around the ad read; if one of them is about a sensitive matter, so
    /// is the place, and none counts.
    private func request(
        for plan: BidPlan, policy: PolicyTable
    ) -> (request: RankRequest, masked: GateSet) {
        let user = ByteRange(offset: 0, count: Self.userBytes(of: plan).count)
        var bare = RankRequest(user: user, clock: plan.clock, restriction: plan.region)
        bare.language = plan.language
        var request = bare
        var masked = GateSet()
        for text in plan.texts {
            guard let reader else { preconditionFailure("texts are read where a reader is") }
            let (context, gate) = reader.topicsContext(of: text.utf8.span, policy: policy)
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
    ) throws(EngineError) -> [BidResponse.Bid] {
        let bytes = Self.userBytes(of: plan)
        var top = Limits.bidCandidatesMin + plan.slots.count
        while true {
            var selection = BidSelection(plan)
            var isLast = false
            try shared.engine.rank(
                request, on: surface, setup: setup, candidates: .all, top: top, deadline: deadline,
                bytes: bytes.span, ranges: Span<ByteRange>(), ranker: ranker
            ) { results in
                results.forEach { id, score in
                    selection.offer(id, micros: score) {
                        ranker.offer(of: id).map { ($0.declaration, $0.languages) }
                    }
                }
                isLast = results.count < top || results.coverage < 1
            }
            if selection.isComplete || isLast || top == Limits.topMax { return selection.bids }
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
