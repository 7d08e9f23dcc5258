import Domain
import Policy

/// Where the leaks are planted: calls that do nothing in a build without them.
#if PLANTED_LEAKS

    /// What a planted leak remembers of an engine.
    final class LeakTraces: @unchecked Sendable {
        var blockedEvents: Set<UInt64> = []
        var blockedCount = 0
        var exposures = 0
        var sensitiveUsers: Set<UInt64> = []
        var lastActive: [UInt64: Timestamp] = [:]
        var explanations: [String: Engine.ScoreReport] = [:]
        var firstPolicy: PolicyTable?

        func reset() {
            (blockedCount, exposures) = (0, 0)
            blockedEvents = []
            sensitiveUsers = []
            lastActive = [:]
            explanations = [:]
            firstPolicy = nil
        }
    }

    extension Engine {
        func leakReset() {
            traces.reset()
            traces.firstPolicy = setup.policy
        }

        func leak(
            blocked draft: SignalDraft, by gate: Gate, _ reading: MessageReading?, at: Timestamp,
            key: UserKey
        ) throws(EngineError) {
            if let event = draft.event { traces.blockedEvents.insert(stableHash(event.text)) }
            traces.blockedCount += 1
            leak(active: key, at)
            if gate == .sensitive { traces.sensitiveUsers.insert(key.hash) }
            if Leak.internOrder.isPlanted, let product = draft.product {
                setSetup(try setup.adding(product))
            }
            guard draft.type == .chat, gate == .sensitive else { return }
            let product = draft.product.flatMap(setup.number(of:)) ?? .unnamed
            if Leak.sensitiveEvicts.isPlanted {
                try leak(keeping: .topics([]), at: at, key: key, product)
            }
            if Leak.labelAfterIngest.isPlanted, draft.label != nil,
                let topics = reading?.topics, !topics.isEmpty
            {
                try leak(keeping: .topics(topics), at: at, key: key, product)
            }
        }

        private func leak(
            keeping about: HeldSignal.About, at: Timestamp, key: UserKey, _ product: ProductNumber
        ) throws(EngineError) {
            let held = HeldSignal(at: at, event: 0, type: .chat, about: about)
            _ = try withShard(of: key.hash) { (shard) throws(EngineError) in
                try shard.add(held, ring: .chat(product), to: key)
            }
        }

        func leak(used draft: SignalDraft, at: Timestamp, key: UserKey) {
            leak(active: key, at)
            if draft.type == .impression, traces.sensitiveUsers.contains(key.hash) {
                traces.exposures += 1
            }
        }

        private func leak(active key: UserKey, _ at: Timestamp) {
            traces.lastActive[key.hash] = max(at, traces.lastActive[key.hash] ?? at)
        }

        func leak(into facts: inout ChatFacts, of draft: SignalDraft) {
            if Leak.voiceSkipsGate.isPlanted, draft.modality == .voice {
                facts.sensitive = nil
                facts.isJudged = true
            }
            if Leak.effectiveOffByOne.isPlanted, let next = try? Timestamp(facts.at, plus: 1) {
                facts.at = next
            }
            if Leak.regionOnlyAtRequest.isPlanted { facts.region = .elsewhere }
        }

        func leaks(knowing event: UInt64) -> Bool {
            Leak.dedupeRemembers.isPlanted && traces.blockedEvents.contains(event)
        }

        func leakCounts() {
            Leak.counted =
                Leak.counterBreaksTies.isPlanted ? traces.blockedCount : traces.exposures
        }

        func leakClock(_ clock: Timestamp, of user: UInt64) -> Timestamp {
            guard Leak.lastActive.isPlanted, let last = traces.lastActive[user] else {
                return clock
            }
            return min(clock, last)
        }

        func leakPolicy(_ policy: PolicyTable, of user: UInt64) -> PolicyTable {
            guard Leak.policyOnHalf.isPlanted, user & 1 != 0 else { return policy }
            return traces.firstPolicy ?? policy
        }

        func leakCached(
            _ report: ScoreReport, of item: Span<UInt8>, for user: Span<UInt8>
        ) -> ScoreReport {
            guard Leak.cachedExplain.isPlanted else { return report }
            let name = "\(item.excerpt) \(user.excerpt)"
            if let known = traces.explanations[name] { return known }
            traces.explanations[name] = report
            return report
        }

        func leakTerms(_ terms: inout [TermReport]) {
            guard Leak.memoryInReply.isPlanted else { return }
            let bytes = shards.reduce(UInt64(0)) { sum, shard in
                sum + shard.users.withLock { $0.memory.allocated }
            }
            terms.append(
                TermReport(name: "memory", value: Double(bytes), scale: nil, signals: []))
        }
    }

    extension Timestamp {
        fileprivate init(_ time: Timestamp, plus milliseconds: Int64) throws(DomainError) {
            try self.init(milliseconds: time.milliseconds + milliseconds)
        }
    }

    extension Region {
        /// The United States: a region that no announced rule excludes.
        static let elsewhere = Region(rawValue: 1 + 26 * 20 + 18) ?? .unknown
    }

#else

    extension Engine {
        @inline(__always)
        func leakReset() {}
        @inline(__always)
        func leak(
            blocked draft: SignalDraft, by gate: Gate, _ reading: MessageReading?, at: Timestamp,
            key: UserKey
        ) throws(EngineError) {}
        @inline(__always)
        func leak(used draft: SignalDraft, at: Timestamp, key: UserKey) {}
        @inline(__always)
        func leak(into facts: inout ChatFacts, of draft: SignalDraft) {}
        @inline(__always)
        func leaks(knowing event: UInt64) -> Bool { false }
        @inline(__always)
        func leakCounts() {}
        @inline(__always)
        func leakClock(_ clock: Timestamp, of user: UInt64) -> Timestamp { clock }
        @inline(__always)
        func leakPolicy(_ policy: PolicyTable, of user: UInt64) -> PolicyTable { policy }
        @inline(__always)
        func leakCached(
            _ report: ScoreReport, of item: Span<UInt8>, for user: Span<UInt8>
        ) -> ScoreReport { report }
        @inline(__always)
        func leakTerms(_ terms: inout [TermReport]) {}
    }

    extension Region {
        static let elsewhere = Region.unknown
    }

#endif
