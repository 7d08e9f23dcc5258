import Digest
import Domain
import Policy

/// The whole state: copied as it is at one moment, restored into another engine, and named by a digest.
extension Engine {
    /// What is held, in numbers, under a digest of what it means.
    package struct StateSummary: Sendable, Equatable {
        /// 64 hexadecimal digits; equal for equal states, whatever became of them on the way.
        package fileprivate(set) var digest = ""
        package fileprivate(set) var items = 0
        /// Gone, but named by profiles.
        package fileprivate(set) var heldItems = 0
        /// Of the catalogue that is being loaded.
        package fileprivate(set) var stagedItems = 0
        package fileprivate(set) var users = 0
        package fileprivate(set) var signals: UInt64 = 0
        /// Counters of impressions.
        package fileprivate(set) var impressions: UInt64 = 0
    }

    /// Copies the state as it is now: items, also of a catalogue that is being loaded, users, surfaces,
    /// policy, and the numbers of products and kinds. Counters of `INFO` are no state.
    ///
    /// Changes wait for a few milliseconds, until a child process has been forked; it writes while
    /// requests and changes go on. Costs the memory of the pages that change meanwhile.
    /// - Parameter textModel: Names what texts and topics were read by.
    package func copyState(textModel: String) throws(StateError) -> StateCopy {
        try writer.withLock { (_) throws(StateError) in
            let preamble = StatePreamble(
                tasteDimension: tasteDimension, textModel: textModel,
                topicsCount: topics.names.count, sequence: items.state.sequence, setup: setup)
            return try StateCopy(preamble: preamble, items: items, shards: shards)
        }
    }

    /// Begins to restore a copied state; throws unless this engine is empty.
    ///
    /// The state's surfaces and policy take the place of those that the engine was made with.
    package func restoreState(textModel: String) throws(StateError) -> StateRestoration {
        try StateRestoration(self, textModel: textModel)
    }

    /// A digest of what the state means, in 64 hexadecimal digits: see `stateSummary`.
    package func stateDigest() -> String { stateSummary().digest }

    /// Looks at every item and user, which takes seconds when there are millions.
    ///
    /// Takes the writer's lock, then each shard's, for a moment at a time: requests and changes go on,
    /// and the digest is that of one moment when nothing changes meanwhile. It does not tell of
    /// identifiers' numbers, of the order in which things came, of how many shards there are, or of
    /// what has been deleted and is named by nobody.
    package func stateSummary() -> StateSummary {
        let setup = setup
        var meaning = StateMeaning(setup)
        var members = SHA256Digest.Members()
        var summary = StateSummary()
        let items = itemsSum(&meaning, &members, &summary)
        var users = SHA256Digest.Sum()
        for shard in shards { users += usersSum(of: shard, &meaning, &members, &summary) }
        var whole = SHA256Digest.Stream()
        whole.add(items.bytes.span)
        whole.add(users.bytes.span)
        whole.add(bytes(of: setup).span)
        summary.digest = SHA256Digest.hexadecimal(whole.finish())
        return summary
    }

    /// The setup without the numbers of its kinds and products.
    private func bytes(of setup: Setup) -> [UInt8] {
        var fields = StateFieldWriter()
        fields.append(setup.policy.canonicalText)
        fields.append(setup.kinds.map(\.text).sorted())
        for surface in setup.allSurfaces.sorted(by: { $0.name.text < $1.name.text }) {
            fields.append(surface)
        }
        fields.append(writer.withLock { $0.isLoadingCatalogue ? UInt8(1) : 0 })
        return fields.bytes
    }

    private func itemsSum(
        _ meaning: inout StateMeaning, _ members: inout SHA256Digest.Members,
        _ summary: inout StateSummary
    ) -> SHA256Digest.Sum {
        var sum = SHA256Digest.Sum()
        var slot: UInt32 = 0
        var slotsCount: UInt32 = 0
        repeat {
            writer.withLock { _ in
                slotsCount = StateMeaning.slotsCount(of: items)
                let end = min(slot + UInt32(Limits.digestStepMax), slotsCount)
                while slot < end {
                    for isStaged in [false, true] {
                        meaning.describe(slot: slot, of: items, isStaged: isStaged) { item, bytes in
                            sum += members.sum(of: bytes)
                            summary.count(item)
                        }
                    }
                    slot += 1
                }
            }
        } while slot < slotsCount
        return sum
    }

    private func usersSum(
        of shard: Shard, _ meaning: inout StateMeaning, _ members: inout SHA256Digest.Members,
        _ summary: inout StateSummary
    ) -> SHA256Digest.Sum {
        var sum = SHA256Digest.Sum()
        var users = 0
        var entry: UInt64 = 0
        var entriesCount: UInt64?
        repeat {
            shard.users.withLock { shard in
                if shard.entriesCount != entriesCount {
                    // The users have changed places: from the start again.
                    (sum, users, entry) = (SHA256Digest.Sum(), 0, 0)
                    meaning.countAnew()
                    entriesCount = shard.entriesCount
                }
                let end = min(entry + UInt64(Limits.digestStepMax), shard.entriesCount)
                while entry < end {
                    meaning.describe(entry: entry, of: shard, items: items) { bytes in
                        sum += members.sum(of: bytes)
                        users += 1
                    }
                    entry += 1
                }
            }
        } while entry < entriesCount ?? 0
        summary.users += users
        summary.signals += meaning.signals
        summary.impressions += meaning.impressions
        return sum
    }
}

extension Engine.StateSummary {
    fileprivate mutating func count(_ item: StateMeaning.Item) {
        switch item {
        case .live: items += 1
        case .held: heldItems += 1
        case .staged: stagedItems += 1
        }
    }
}
