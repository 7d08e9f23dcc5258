import Domain
import Policy

/// Ranking: a request's signals gathered, its candidates scored, the best handed to the caller.
extension Engine {
    /// Ranks candidates for a user on a surface. Allocates nothing after a thread's first requests.
    ///
    /// - Parameters:
    ///   - deadline: On the monotonic clock, in nanoseconds: what was found by then is the ranking.
    ///   - bytes: The command's bytes, which ranges of the request point into.
    ///   - ranges: The command's arguments.
    ///   - whenResolved: Called when the user and the contexts are weighed, before any candidate is
    ///     looked at.
    ///   - body: Gets the ranking, which is valid until it returns.
    package func rank(
        _ request: RankRequest, on surface: ResolvedSurface, setup: Setup, candidates: Candidates,
        top: Int, deadline: Int64? = nil, bytes: Span<UInt8>, ranges: Span<ByteRange>,
        ranker: Ranker, whenResolved: () -> Void = {}, _ body: (borrowing RankResults) -> Void
    ) throws(EngineError) {
        try begin(request, on: surface, setup: setup, bytes: bytes, ranker: ranker)
        defer { ranker.end() }
        whenResolved()
        body(
            ranker.rank(
                candidates, top: top, deadline: deadline, bytes: bytes, ranges: ranges))
    }

    /// Pins the catalogue, copies the profile and weighs its signals; `ranker.end()` must follow
    /// unless this throws.
    func begin(
        _ request: RankRequest, on surface: ResolvedSurface, setup: Setup, bytes: Span<UInt8>,
        ranker: Ranker
    ) throws(EngineError) {
        let user = bytes.extracting(request.user.range)
        let hash = stableHash(user)
        ranker.pin()
        withShard(of: hash) { ranker.copyProfile(of: $0, hash: hash, id: user) }
        let region = ranker.region(at: request.clock)
        leakCounts()
        ranker.begin(
            surface, clock: request.clock, region: request.restriction ?? region,
            language: request.language ?? ranker.language)
        let selection = SignalSelection(
            surface: surface, clock: leakClock(request.clock, of: hash),
            chatUse: ChatUse(
                policy: leakPolicy(setup.policy, of: hash),
                region: Leak.regionOnlyAtIngest.isPlanted ? .elsewhere : region,
                restriction: Leak.regionOnlyAtIngest.isPlanted ? nil : request.restriction,
                regions: ranker.regionHistory(under: leakPolicy(setup.policy, of: hash)),
                notice: ranker.notice, product: surface.product, links: ranker.links),
            setup: setup)
        ranker.masked = selection.apply(to: ranker)
        do throws(EngineError) {
            try addContexts(of: request, on: surface, bytes: bytes, ranker: ranker)
        } catch {
            ranker.end()
            throw error
        }
        ranker.prepare()
    }

    private func addContexts(
        of request: RankRequest, on surface: ResolvedSurface, bytes: Span<UInt8>, ranker: Ranker
    ) throws(EngineError) {
        let rule = surface.rule(of: .context)
        let (text, taste) = (rule.textAffinity, rule.tasteAffinity)
        let limit = surface.surface.signalCounts[.context]
        for number in 0..<min(request.contextsCount, limit) {
            switch request.contexts[number] {
            case .row(let row):
                if let text { ranker.addContext(row, number: number, to: text) }
            case .topics(let weights, let count):
                guard let text else { continue }
                for index in 0..<count {
                    ranker.addContext(weights[index], number: number, to: text)
                }
            case .item(let range):
                let id = bytes.extracting(range.range)
                if let text { ranker.addContext(item: id, number: number, to: text) }
                if let taste { ranker.addContext(item: id, number: number, to: taste) }
            case .vector(let space, let range):
                let dimension = try dimension(of: space)
                guard Int(range.count) == dimension * 4 else {
                    throw .dimension(
                        space: space, expected: dimension, actual: Int(range.count) / 4)
                }
                guard let affinity = space == .text ? text : taste else { continue }
                try ranker.addContext(
                    vector: bytes.extracting(range.range), space: space, dimension: dimension,
                    number: number, to: affinity)
            }
        }
    }
}
