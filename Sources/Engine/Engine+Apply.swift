import Domain

/// The second half of every change: what was prepared is carried out.
///
/// Whoever prepares and applies sees to it that nothing else is applied in between which the
/// decision depends on (`Server`'s `ChangeLog`). Applying the same changes in the same order to an
/// engine of the same options gives the same answers, to the byte.
extension Engine {
    /// Carries a change out. Returns how many items a removal removed, else 0.
    ///
    /// Throws nothing for what this engine has prepared, but for `outOfMemory`, and `full` past
    /// `Limits.itemsMax` items. What comes from elsewhere and does not fit this engine is refused, and
    /// changes nothing.
    @discardableResult
    package func apply(_ change: Change) throws(EngineError) -> Int {
        try writer.withLock { (writer) throws(EngineError) -> Int in
            defer { items.reclaim() }
            switch change {
            case .putItem(let item, let isStaged):
                // Whoever loaded it may be gone since.
                guard !isStaged || writer.isLoadingCatalogue else { throw .catalogueNotBegun }
                try items.put(try row(of: item), staged: isStaged)
            case .removeItems(let ids, let isStaged):
                guard !isStaged || writer.isLoadingCatalogue else { throw .catalogueNotBegun }
                return ids.count { items.remove($0, staged: isStaged) }
            case .beginCatalogue:
                if writer.isLoadingCatalogue { items.abort() }
                writer.isLoadingCatalogue = false
                try items.begin()
                writer.isLoadingCatalogue = true
            case .commitCatalogue:
                guard writer.isLoadingCatalogue else { throw .catalogueNotBegun }
                try items.commit()
                writer.isLoadingCatalogue = false
            case .abortCatalogue:
                if writer.isLoadingCatalogue { items.abort() }
                writer.isLoadingCatalogue = false
            case .setUser(let change): try apply(change)
            case .keepSignal(let signal):
                try apply(signal)
                writer.signalsUsed += 1
            case .suppress(let user, let topic):
                try changeSuppressed(topic, of: user) { suppressed in
                    let place = suppressed.firstIndex { $0.rawValue >= topic.rawValue }
                    if let place, suppressed[place] == topic { return }
                    suppressed.insert(topic, at: place ?? suppressed.count)
                }
            case .unsuppress(let user, let topic):
                try changeSuppressed(topic, of: user) { suppressed in
                    suppressed.removeAll { $0 == topic }
                }
            case .retract(let user, let event): retract(event, of: user)
            case .forget(let user): forget(user)
            case .setSurface(let surface):
                setSetup(try setup.setting(surface, hasTaste: tasteDimension > 0))
                items.advance()
            case .setPolicy(let policy, let digest):
                setSetup(setup.setting(policy, digest: digest))
                items.advance()
            }
            return 0
        }
    }

    // MARK: Items

    private func row(of item: ResolvedItem) throws(EngineError) -> ItemStore.Row {
        let draft = item.draft
        guard let kind = setup.number(of: draft.kind) else { throw .unknownKind(draft.kind.text) }
        let taste = try item.taste.map(paddedTaste)
        let tasteSignal = try item.tasteSignal.map(paddedTaste)
        return ItemStore.Row(
            id: draft.id, kind: kind, isSensitive: item.sensitive != nil, text: item.text,
            taste: taste, tasteSignal: tasteSignal, bidMicros: draft.bidMicros ?? 0,
            created: draft.created, expires: draft.expires, author: draft.author,
            prior: draft.prior, regions: draft.regions, languages: draft.languages,
            record: ItemRecord(draft, sensitive: item.sensitive).bytes)
    }

    private func paddedTaste(_ values: [Int8]) throws(EngineError) -> [Int8] {
        try padded(values, in: .taste)
    }

    /// Throws unless there are as many values as the space has dimensions.
    private func padded(_ values: [Int8], in space: Space) throws(EngineError) -> [Int8] {
        let expected = try dimension(of: space)
        guard values.count == expected else {
            throw .dimension(space: space, expected: expected, actual: values.count)
        }
        return Quantiser.padded(values)
    }

    // MARK: Users

    private func apply(_ change: UserChange) throws(EngineError) {
        let key = UserKey(change.user)
        var links: ProductSet?
        if let products = change.links {
            var set = ProductSet()
            for product in products { set.insert(try number(obtaining: product)) }
            links = set
        }
        try withShard(of: key.hash) { (shard) throws(EngineError) in
            var settings = shard.settings(of: key) ?? UserShard.Settings()
            settings.apply(change, links: links)
            try shard.configure(key, settings)
        }
        items.advance()
    }

    /// The product's number, made when new.
    private func number(obtaining product: Product) throws(EngineError) -> ProductNumber {
        let changed = try setup.adding(product)
        setSetup(changed)
        guard let number = changed.number(of: product) else {
            preconditionFailure("a product that was added has a number")
        }
        return number
    }

    private func changeSuppressed(
        _ topic: TopicID, of user: UserID, _ change: (inout [TopicID]) -> Void
    ) throws(EngineError) {
        try check(topic)
        let key = UserKey(user)
        try withShard(of: key.hash) { (shard) throws(EngineError) in
            var settings = shard.settings(of: key) ?? UserShard.Settings()
            change(&settings.suppressed)
            guard settings.suppressed.count <= Limits.suppressedTopicsMax else {
                throw .suppressedFull
            }
            try shard.configure(key, settings)
            shard.forgetIfEmpty(key)
        }
        items.advance()
    }

    private func retract(_ event: UInt64, of user: UserID) {
        let key = UserKey(user)
        guard let retraction = withShard(of: key.hash, { $0.retract(event, of: key) }) else {
            return
        }
        if let slot = retraction.releasedSlot { items.release(slot) }
        items.advance()
    }

    private func forget(_ user: UserID) {
        let key = UserKey(user)
        guard let slots = withShard(of: key.hash, { $0.forget(key) }) else { return }
        for slot in slots { items.release(slot) }
        items.advance()
    }

    // MARK: Signals

    /// Puts the signal where its class is kept, and holds on to the item it names.
    private func apply(_ signal: ResolvedSignal) throws(EngineError) {
        let key = UserKey(signal.user)
        var held = HeldSignal(
            at: signal.at, event: signal.event, type: signal.type, about: try about(of: signal))
        guard let signals = signal.type.signalClass else {
            try countImpression(held, isFlagged: signal.isAboutFlaggedItem, key: key)
            items.advance()
            return
        }
        if case .vector(let space, let values) = signal.about {
            held.vector = try padded(values, in: space)
        }
        let product = try signals == .chat ? signal.product.map(number(obtaining:)) : nil
        let ring = Ring(
            of: signals, product: product ?? .unnamed,
            isFlagged: signal.isAboutFlaggedItem && !Leak.flaggedEvicts.isPlanted)
        let addition = try withShard(of: key.hash) { (shard) throws(EngineError) in
            try shard.add(held, ring: ring, to: key)
        }
        if addition.wasKept, case .item(let slot) = held.about { items.retain(slot) }
        if addition.wasKept, let dropped = addition.droppedSlot { items.release(dropped) }
        items.advance()
    }

    private func about(of signal: ResolvedSignal) throws(EngineError) -> HeldSignal.About {
        switch signal.about {
        case .item(let id, _):
            guard let slot = items.slot(of: id) else { throw .unknownItem(id.text) }
            return .item(slot: slot)
        case .topics(let weights):
            for weight in weights { try check(weight.topic) }
            return .topics(weights)
        case .vector(let space, _): return .vector(space)
        }
    }

    private func countImpression(
        _ held: HeldSignal, isFlagged: Bool, key: UserKey
    ) throws(EngineError) {
        guard case .item(let slot) = held.about else { return }
        let (isNew, dropped) = try withShard(of: key.hash) { (shard) throws(EngineError) in
            try shard.addImpression(
                slot: slot, at: held.at, event: held.event, isFlagged: isFlagged, to: key)
        }
        if isNew { items.retain(slot) }
        if let dropped { items.release(dropped) }
    }

    /// Topics of another list are refused.
    private func check(_ topic: TopicID) throws(EngineError) {
        guard Int(topic.rawValue) < topics.names.count else {
            throw .unknownTopic("number \(topic.rawValue)")
        }
    }
}

extension EngineError {
    static let suppressedFull = EngineError.full(
        what: "suppressed topics of one user", limit: Limits.suppressedTopicsMax)
}
