import HTTP
import NIOCore
import OpenRTB
import Wire

/// Bid requests: answered on the connection's event loop, or by a worker.
extension FrontCommands: BidService {
    func arrival(on eventLoop: any EventLoop) -> NIODeadline {
        let arrivals = loop(of: eventLoop).value.arrivals
        arrivals.read()
        return arrivals.earliest.map { .uptimeNanoseconds(UInt64($0)) } ?? .now()
    }

    func bid(
        _ body: [UInt8], arrivedAt: NIODeadline, on eventLoop: any EventLoop
    ) async -> BidAnswer {
        let arrival = Int64(arrivedAt.uptimeNanoseconds)
        let loop = loop(of: eventLoop)
        switch await Self.first(body, arrivedAt: arrival, on: loop) {
        case .answered(let answer): return answer
        case .isWorkers(let workers):
            return await withCheckedContinuation { continuation in
                workers.bid(body, arrivedAt: arrival) { continuation.resume(returning: $0) }
            }
        }
    }

    fileprivate enum First: Sendable {
        case answered(BidAnswer)
        case isWorkers(Workers)
    }

    /// What the event loop itself can say; at once where this is called on it.
    private static func first(
        _ body: [UInt8], arrivedAt: Int64, on loop: NIOLoopBound<LoopState>
    ) async -> First {
        guard !loop.eventLoop.inEventLoop else {
            return loop.value.bid(body, arrivedAt: arrivedAt)
        }
        return await withCheckedContinuation { continuation in
            loop.eventLoop.execute {
                continuation.resume(returning: loop.value.bid(body, arrivedAt: arrivedAt))
            }
        }
    }
}

extension LoopState {
    fileprivate func bid(_ body: [UInt8], arrivedAt: Int64) -> FrontCommands.First {
        guard !shared.isLoading else {
            return .answered(.unavailable(reason: "Cairn is loading the data"))
        }
        arrivals.use()
        defer { arrivals.work() }
        return bidder.answer(body, arrivedAt: arrivedAt).map { .answered($0) }
            ?? .isWorkers(workers)
    }
}

extension Workers {
    /// Answers a bid request that would hold an event loop up.
    fileprivate func bid(
        _ body: [UInt8], arrivedAt: Int64,
        then finish: @escaping @Sendable (BidAnswer) -> Void
    ) {
        submit { executors in
            guard let executors else {
                return finish(.unavailable(reason: "the server is stopping"))
            }
            guard let answer = executors.bids.answer(body, arrivedAt: arrivedAt) else {
                preconditionFailure("a worker hands nothing over")
            }
            finish(answer)
        }
    }
}

extension BidExecutor {
    /// The answer in HTTP's words; `nil` when it takes a worker.
    fileprivate func answer(_ body: [UInt8], arrivedAt: Int64) -> BidAnswer? {
        var output: [UInt8] = []
        switch answer(body.span, clock: WallClock.now, arrivedAt: arrivedAt, into: &output) {
        case .response: return .response(output)
        case .nothing: return .nothing
        case .refused(let error): return BidAnswer(error)
        case .handOver: return nil
        }
    }
}

extension BidAnswer {
    fileprivate init(_ error: BidRequestError) {
        switch error {
        case .tooLong: self = .tooLong(reason: error.message)
        case .malformed, .tooDeep:
            self = .refused(JSONError(.syntax, at: "", error.message))
        case .field(let pointer, let reason):
            self = .refused(JSONError(.shape, at: pointer, reason))
        }
    }
}
