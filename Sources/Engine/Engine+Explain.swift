import Domain
import Policy

/// Why an item scores what it scores, and why it is not shown.
extension Engine {
    /// One term of a score, with the signals behind it.
    package struct TermReport: Sendable, Equatable {
        package struct SignalReport: Sendable, Equatable {
            /// `LIKE`, `CHAT` ..., or `CONTEXT` for what the request brought.
            package let type: String
            /// The item, the topic, or `vector`.
            package let about: String
            /// `nil` for contexts.
            package let ageSeconds: Int64?
            package let weight: Int
            package let share: Int64

            package init(
                type: String, about: String, ageSeconds: Int64?, weight: Int, share: Int64
            ) {
                self.type = type
                self.about = about
                self.ageSeconds = ageSeconds
                self.weight = weight
                self.share = share
            }
        }

        package let name: String
        package let value: Double
        /// What one unit of a share counts; `nil` for terms without signals.
        package let scale: Double?
        package let signals: [SignalReport]

        package init(name: String, value: Double, scale: Double?, signals: [SignalReport]) {
            self.name = name
            self.value = value
            self.scale = scale
            self.signals = signals
        }
    }

    /// A score taken apart: the terms, added left to right, equal the logit to the bit.
    package struct ScoreReport: Sendable, Equatable {
        /// `nil` when the item is a candidate.
        package let filter: CandidateFilter?
        package let score: Double
        package let probability: Double
        package let logit: Double
        package let bidMicros: Int64
        package let terms: [TermReport]
        /// The gates that the policy and the user's settings put up, whatever the user has said.
        package internal(set) var gates: [Gate] = []

        package init(
            filter: CandidateFilter?, score: Double, probability: Double, logit: Double,
            bidMicros: Int64, terms: [TermReport]
        ) {
            self.filter = filter
            self.score = score
            self.probability = probability
            self.logit = logit
            self.bidMicros = bidMicros
            self.terms = terms
        }
    }

    /// Where an item stands among all that a surface may show.
    package struct StandingReport: Sendable, Equatable {
        package let score: ScoreReport
        /// 1 is the best; `nil` when it is filtered out or behind the last of `Limits.topMax`.
        package let rank: Int?
        package let candidates: Int
        /// The score of the last of the `Limits.topDefault` that are shown when no number is asked.
        package let lastShownScore: Double?
        /// Where the request and its user are, for items that are not shown everywhere.
        package let region: Region
        package let language: Language
        /// The item as it is; `nil` when there is no such live item.
        package let item: ItemView?
        /// How often the user was shown the item; counted only where a surface tires of items.
        package let showings: Int
        /// Topics that ads pass over for this user, whether or not anything was said about them;
        /// empty on other lanes.
        package let suppressed: [String]
    }

    /// Takes the score of an item apart. Throws `unknownItem` when there is no such live item.
    package func explain(
        _ item: Span<UInt8>, _ request: RankRequest, on surface: ResolvedSurface, setup: Setup,
        bytes: Span<UInt8>, ranker: Ranker
    ) throws(EngineError) -> ScoreReport {
        try begin(request, on: surface, setup: setup, bytes: bytes, ranker: ranker)
        defer { ranker.end() }
        var report = report(of: ranker.slot(of: item), request, on: surface, ranker: ranker)
        guard report.filter != .unknown else { throw .unknownItem(item.excerpt) }
        report.gates = gates(of: request, on: surface, setup: setup, ranker: ranker)
        return leakCached(report, of: item, for: bytes.extracting(request.user.range))
    }

    /// Takes the score of a ranking's best item apart, while `rank` hands the ranking out: no longer
    /// valid then. `nil` when nothing was ranked.
    package func explainBest(
        of results: borrowing RankResults, _ request: RankRequest, on surface: ResolvedSurface,
        setup: Setup, ranker: Ranker
    ) -> (item: String, report: ScoreReport)? {
        guard let slot = results.bestSlot, let item = ranker.view(of: slot)?.id else { return nil }
        var report = report(of: slot, request, on: surface, ranker: ranker)
        report.gates = gates(of: request, on: surface, setup: setup, ranker: ranker)
        return (item, report)
    }

    /// Says where an item stands, or what keeps it out.
    package func standing(
        of item: Span<UInt8>, _ request: RankRequest, on surface: ResolvedSurface, setup: Setup,
        bytes: Span<UInt8>, ranker: Ranker
    ) throws(EngineError) -> StandingReport {
        try begin(request, on: surface, setup: setup, bytes: bytes, ranker: ranker)
        defer { ranker.end() }
        let slot = ranker.slot(of: item)
        var score = report(of: slot, request, on: surface, ranker: ranker)
        score.gates = gates(of: request, on: surface, setup: setup, ranker: ranker)
        let results = ranker.rank(
            .all, top: Limits.topMax, deadline: nil, bytes: bytes, ranges: Span<ByteRange>())
        var rank: Int?
        var lastShownScore: Double?
        var position = 0
        results.forEach { id, score in
            position += 1
            if position <= Limits.topDefault { lastShownScore = score }
            if rank == nil && id.isEqual(to: item) { rank = position }
        }
        return StandingReport(
            score: score, rank: rank, candidates: results.eligibleCount,
            lastShownScore: lastShownScore,
            region: request.restriction ?? ranker.region(at: request.clock),
            language: ranker.language,
            item: score.filter == .unknown ? nil : ranker.slot(of: item).flatMap(ranker.view(of:)),
            showings: surface.weighsFatigue ? showings(of: item, ranker: ranker) : 0,
            suppressed: surface.surface.lane == .ads
                ? ranker.settings.suppressed.map(topics.name(of:)) : [])
    }

    private func showings(of item: Span<UInt8>, ranker: Ranker) -> Int {
        guard let slot = ranker.slot(of: item) else { return 0 }
        return ranker.impressions.first { $0.slot == slot }?.count ?? 0
    }

    private func gates(
        of request: RankRequest, on surface: ResolvedSurface, setup: Setup, ranker: Ranker
    ) -> [Gate] {
        guard surface.weighsChats else { return [] }
        return ChatRules(
            policy: setup.policy, region: ranker.region(at: request.clock),
            restriction: request.restriction, notice: ranker.notice, clock: request.clock,
            product: surface.product, linked: ranker.links
        ).gates
    }

    private func report(
        of slot: UInt32?, _ request: RankRequest, on surface: ResolvedSurface, ranker: Ranker
    ) -> ScoreReport {
        let explanation = ranker.explain(
            slot: slot, affinitiesCount: surface.affinityTerms.count)
        guard explanation.filter != .unknown else { return ScoreReport(explanation, terms: []) }
        var terms = [
            TermReport(name: "bias", value: surface.surface.bias, scale: nil, signals: [])
        ]
        let plainTerms: [Term] = [.prior, .freshness, .follow, .fatigue]
        for (term, value) in zip(plainTerms, explanation.plain)
        where surface.surface.weights[term] != 0 {
            terms.append(TermReport(name: term.rawValue, value: value, scale: nil, signals: []))
        }
        for (term, affinity) in zip(surface.affinityTerms, explanation.affinities)
        where !affinity.shares.isEmpty {
            let signals = affinity.shares.map {
                describe($0, of: term, request: request, ranker: ranker)
            }
            terms.append(
                TermReport(
                    name: term.rawValue, value: affinity.value, scale: affinity.scale,
                    signals: signals))
        }
        leakTerms(&terms)
        return ScoreReport(explanation, terms: terms)
    }

    private func describe(
        _ share: Explanation.Share, of term: Term, request: RankRequest, ranker: Ranker
    ) -> TermReport.SignalReport {
        if term.affinity?.signals == .context {
            return TermReport.SignalReport(
                type: "CONTEXT", about: "context \(share.source + 1)", ageSeconds: nil,
                weight: share.weight, share: share.share)
        }
        let signal = ranker.signal(at: share.source)
        let age = request.clock.milliseconds - signal.at.milliseconds
        return TermReport.SignalReport(
            type: signal.type.word, about: subject(of: share, signal, ranker: ranker),
            ageSeconds: age / 1_000, weight: share.weight, share: share.share)
    }

    private func subject(
        of share: Explanation.Share, _ signal: HeldSignal, ranker: Ranker
    ) -> String {
        switch signal.about {
        case .item(let slot): ranker.view(of: slot)?.id ?? "a deleted item"
        case .topics(let weights):
            topics.name(of: weights[share.part].topic)
        case .vector: "vector"
        }
    }
}

extension Engine.ScoreReport {
    fileprivate init(_ explanation: Explanation, terms: [Engine.TermReport]) {
        self.init(
            filter: explanation.filter, score: explanation.score,
            probability: explanation.probability, logit: explanation.logit,
            bidMicros: explanation.bidMicros, terms: terms)
    }
}
