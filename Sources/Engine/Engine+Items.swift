import Domain

/// Items: added, replaced, removed; singly or a whole catalogue at once.
extension Engine {
    /// Adds an item, or replaces the one of its identifier.
    ///
    /// - Parameters:
    ///   - textRow: What the item's text says, from the text model; `nil` without text.
    ///   - sensitive: What the model found the text to be about: such an item is kept, but no
    ///     interest serves it or is learned from it.
    ///   - isStaged: Whether it goes to the catalogue that is being loaded.
    package func add(
        _ draft: ItemDraft, textRow: TextRow?, sensitive: SensitiveLabel?, isStaged: Bool
    ) throws(EngineError) {
        let row = try row(of: draft, textRow: textRow, sensitive: sensitive)
        try writer.withLock { (writer) throws(EngineError) in
            // Whoever loaded it may be gone since.
            guard !isStaged || writer.isLoadingCatalogue else { throw .catalogueNotBegun }
            try items.put(row, staged: isStaged)
            items.reclaim()
        }
    }

    /// Removes items; returns how many of them there were.
    package func remove(_ ids: [ItemID], isStaged: Bool) -> Int {
        writer.withLock { _ in
            defer { items.reclaim() }
            return ids.count { items.remove($0, staged: isStaged) }
        }
    }

    /// Begins to load a catalogue; items added to it are not seen before the commit.
    package func beginCatalogue() throws(EngineError) {
        try writer.withLock { (writer) throws(EngineError) in
            guard !writer.isLoadingCatalogue else { throw .catalogueBegun }
            try items.begin()
            writer.isLoadingCatalogue = true
        }
    }

    /// Replaces the whole catalogue by the loaded one, in one step.
    package func commitCatalogue() throws(EngineError) {
        try writer.withLock { (writer) throws(EngineError) in
            guard writer.isLoadingCatalogue else { throw .catalogueNotBegun }
            try items.commit()
            writer.isLoadingCatalogue = false
            items.reclaim()
        }
    }

    package func abortCatalogue() throws(EngineError) {
        try writer.withLock { (writer) throws(EngineError) in
            guard writer.isLoadingCatalogue else { throw .catalogueNotBegun }
            items.abort()
            writer.isLoadingCatalogue = false
            items.reclaim()
        }
    }

    /// The live item of the identifier.
    package func item(_ id: ItemID, ranker: Ranker) -> ItemView? {
        ranker.withCatalogue {
            let bytes = Array(id.text.utf8)
            guard let slot = ranker.slot(of: bytes.span), let view = ranker.view(of: slot) else {
                return nil
            }
            return view.isLive ? view : nil
        }
    }

    private func row(
        of draft: ItemDraft, textRow: TextRow?, sensitive: SensitiveLabel?
    ) throws(EngineError) -> ItemStore.Row {
        guard let kind = setup.number(of: draft.kind) else {
            throw .unknownKind(draft.kind.text)
        }
        let vectors = try rows(of: draft)
        let said = try said(by: draft, textRow: vectors.text ?? textRow)
        return ItemStore.Row(
            id: draft.id, kind: kind, isSensitive: sensitive != nil, text: said ?? .zero,
            taste: vectors.taste, tasteSignal: vectors.tasteSignal ?? vectors.taste,
            bidMicros: draft.bidMicros ?? 0, created: draft.created, expires: draft.expires,
            author: draft.author, prior: draft.prior, regions: draft.regions,
            languages: draft.languages, record: ItemRecord(draft, sensitive: sensitive).bytes)
    }

    /// The item's text and the topics that its operator names, as one direction.
    private func said(
        by draft: ItemDraft, textRow: TextRow?
    ) throws(EngineError) -> TextRow? {
        guard !draft.topics.isEmpty else { return textRow }
        var rows: [TextRow] = textRow.map { [$0] } ?? []
        for name in draft.topics {
            guard let topic = topics.topic(named: name) else { throw .unknownTopic(name) }
            rows.append(topics.textRow(of: topic))
        }
        return TextRow.direction(ofSum: rows)
    }

    private func rows(
        of draft: ItemDraft
    ) throws(EngineError) -> (text: TextRow?, taste: [Int8]?, tasteSignal: [Int8]?) {
        var text: TextRow?
        var taste: [Int8]?
        for vector in draft.vectors {
            try checkDimension(of: vector)
            switch vector.space {
            case .text: text = Quantiser.textRow(of: vector)
            case .taste: taste = Quantiser.row(of: vector)
            }
        }
        guard let signal = draft.signalVector else { return (text, taste, nil) }
        precondition(signal.space == .taste, "only the taste space has signal vectors")
        try checkDimension(of: signal)
        return (text, taste, Quantiser.row(of: signal))
    }

    func dimension(of space: Space) throws(EngineError) -> Int {
        switch space {
        case .text: return Limits.textDimension
        case .taste:
            guard tasteDimension > 0 else { throw .noTasteSpace }
            return tasteDimension
        }
    }

    func checkDimension(of vector: SpaceVector) throws(EngineError) {
        let expected = try dimension(of: vector.space)
        guard vector.values.count == expected else {
            throw .dimension(
                space: vector.space, expected: expected, actual: vector.values.count)
        }
    }
}
