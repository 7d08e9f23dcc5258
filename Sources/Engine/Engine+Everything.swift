import Domain

/// All that is held, one by one, for an export of everything. Nothing changes meanwhile.
extension Engine {
    /// Every item that is live, or that a profile still names.
    package func forEachItem(
        ranker: Ranker, _ body: (_ item: ResolvedItem, _ isLive: Bool) throws -> Void
    ) rethrows {
        let setup = setup
        try ranker.withCatalogue {
            for slot in 0..<StateMeaning.slotsCount(of: items) {
                guard
                    let (item, isLive) = ranker.resolvedItem(
                        ofSlot: slot, setup: setup, tasteDimension: tasteDimension)
                else { continue }
                try body(item, isLive)
            }
        }
    }

    /// Every user of whom anything is held, in no order.
    package func forEachUser(
        ranker: Ranker, _ body: (UserID, UserExport) throws -> Void
    ) throws {
        for shard in shards {
            let names = shard.users.withLock { users in
                (0..<users.entriesCount).compactMap { users.identifier(ofEntry: $0) }
            }
            for name in names {
                let user = try UserID(name)
                if let export = export(user, ranker: ranker) { try body(user, export) }
            }
        }
    }
}
