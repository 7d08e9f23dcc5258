import Domain
import Policy

/// The policy: swapped whole, and tried out on what is held.
extension Engine {
    /// What a policy would change about the chats that are held: counts for the whole server.
    package struct PolicyTrial: Sendable, Equatable {
        /// Users of whom some chat would change.
        package fileprivate(set) var users = 0
        /// Chats that count under the policy in use and would not, by the gate that would keep each
        /// out.
        package fileprivate(set) var hidden = PerCase<Gate, Int>(repeating: 0)
        /// Chats that would count and do not now, by the gate that keeps each out.
        package fileprivate(set) var restored = PerCase<Gate, Int>(repeating: 0)

        /// The gates that judge what is held; the others have judged it when it came.
        package static let gates: [Gate] = [.region, .effective, .notice, .link]

        package var signals: Int {
            Self.gates.reduce(0) { $0 + hidden[$1] + restored[$1] }
        }
    }

    /// Decides to put another policy in the place of the one in use, in one step: a request keeps
    /// the setup that it began with, and every later one, of whatever thread, finds the new.
    package func prepare(setting policy: PolicyTable, digest: String) -> Prepared<Void> {
        Prepared(.setPolicy(policy, digest: digest))
    }

    /// Tries a policy out on all that is held, and changes nothing.
    ///
    /// Takes each shard's lock for a moment at a time, so requests and changes go on meanwhile; a
    /// user that changes is counted as it is found.
    /// - Parameters:
    ///   - now: The clock that users' regions are asked at.
    ///   - ranker: Its profile is overwritten.
    package func trial(of policy: PolicyTable, now: Timestamp, ranker: Ranker) -> PolicyTrial {
        let trial = Trial(setup: setup, policy: policy, now: now)
        return shards.reduce(into: PolicyTrial()) { counts, shard in
            counts += trial.counts(of: shard, ranker: ranker)
        }
    }

    /// Two policies side by side.
    private struct Trial {
        let setup: Setup
        let policy: PolicyTable
        let now: Timestamp

        func counts(of shard: Shard, ranker: Ranker) -> PolicyTrial {
            var counts = PolicyTrial()
            var entry: UInt64 = 0
            var entriesCount: UInt64?
            repeat {
                shard.users.withLock { users in
                    if users.entriesCount != entriesCount {
                        // The users have changed places: from the start again.
                        (counts, entry) = (PolicyTrial(), 0)
                        entriesCount = users.entriesCount
                    }
                    let end = min(entry + UInt64(Limits.dryRunEntriesMax), users.entriesCount)
                    while entry < end {
                        if ranker.copyProfile(of: users, entry: entry) {
                            countChange(of: ranker, into: &counts)
                        }
                        entry += 1
                    }
                }
            } while entry < entriesCount ?? 0
            return counts
        }

        /// Counts what changes about the user whose profile the ranker has.
        private func countChange(of ranker: Ranker, into counts: inout PolicyTrial) {
            let before = counts.signals
            let current = use(under: setup.policy, of: ranker)
            let next = use(under: policy, of: ranker)
            for index in 0..<ranker.ringsCount {
                let (ring, signals) = ranker.ring(at: index)
                guard case .chat(let product) = ring else { continue }
                let link = linkGate(of: product, ranker.links, under: setup.policy)
                let nextLink = linkGate(of: product, ranker.links, under: policy)
                for signal in signals {
                    let time = Timestamp(stored: ranker.milliseconds(ofSignal: signal))
                    counts.count(
                        current.gate(of: .unnamed, at: time) ?? link,
                        next.gate(of: .unnamed, at: time) ?? nextLink)
                }
            }
            if counts.signals > before { counts.users += 1 }
        }

        /// Links are asked apart, for all surfaces together: this is asked about no product.
        private func use(under policy: PolicyTable, of ranker: Ranker) -> ChatUse {
            ChatUse(
                policy: policy, region: ranker.region(at: now), restriction: nil,
                regions: ranker.regionHistory(under: policy), notice: ranker.notice, product: nil,
                links: ranker.links)
        }

        private func linkGate(
            of product: ProductNumber, _ links: ProductSet, under policy: PolicyTable
        ) -> Gate? {
            let reaches =
                product == .unnamed
                || setup.reachesSurface(product, links: links, policy: policy)
            return reaches ? nil : .link
        }
    }
}

extension Engine.PolicyTrial {
    /// Counts a chat by the gates that keep it out now and would.
    fileprivate mutating func count(_ current: Gate?, _ next: Gate?) {
        switch (current, next) {
        case (nil, let gate?): hidden[gate] += 1
        case (let gate?, nil): restored[gate] += 1
        case (nil, nil), (_?, _?): break
        }
    }

    fileprivate static func += (left: inout Self, right: Self) {
        left.users += right.users
        for gate in gates {
            left.hidden[gate] += right.hidden[gate]
            left.restored[gate] += right.restored[gate]
        }
    }
}
