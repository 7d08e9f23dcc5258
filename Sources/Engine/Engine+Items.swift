import Domain

/// Items: added, replaced, removed; singly or a whole catalogue at once.
extension Engine {
    /// Decides about an item that is to be added, or to replace the one of its identifier.
    ///
    /// - Parameters:
    ///   - textRow: What the item's text says, from the text model; `nil` without text.
    ///   - sensitive: What the model found the text to be about: such an item is kept, but no
    ///     interest serves it or is learned from it.
    ///   - isStaged: Whether it goes to the catalogue that is being loaded.
    package func prepare(
        adding draft: ItemDraft, textRow: TextRow?, sensitive: SensitiveLabel?, isStaged: Bool
    ) throws(EngineError) -> Prepared<Void> {
        guard setup.number(of: draft.kind) != nil else { throw .unknownKind(draft.kind.text) }
        let rows = try rows(of: draft)
        let said = try said(by: draft, textRow: rows.text ?? textRow)
        try checkLoading(isStaged)
        var bare = draft
        bare.vectors = []
        bare.signalVector = nil
        let item = ResolvedItem(
            draft: bare, sensitive: sensitive, text: said ?? .zero, taste: rows.taste,
            tasteSignal: rows.tasteSignal ?? rows.taste)
        return Prepared(
            .putItem(item, isStaged: isStaged),
            addsToSetup: try checkRoom(for: draft, isStaged: isStaged))
    }

    /// Throws when the lists of regions or languages are more than get numbers; whether any is new.
    private func checkRoom(
        for draft: ItemDraft, isStaged: Bool
    ) throws(EngineError) -> Bool {
        guard !draft.regions.isEmpty || !draft.languages.isEmpty else { return false }
        return try writer.withLock { (writer) throws(EngineError) in
            guard !isStaged || writer.isLoadingCatalogue else { throw .catalogueNotBegun }
            return try items.checkRoom(
                regions: draft.regions, languages: draft.languages, staged: isStaged)
        }
    }

    /// Decides about items that are to go; how many there are is known when they are gone.
    package func prepare(
        removing ids: [ItemID], isStaged: Bool
    ) throws(EngineError) -> Prepared<Void> {
        try checkLoading(isStaged)
        // What is being loaded cannot be asked for.
        let there =
            isStaged ? ids : writer.withLock { _ in ids.filter { items.slot(of: $0) != nil } }
        guard !there.isEmpty else { return Prepared(change: nil, outcome: ()) }
        return Prepared(.removeItems(there, isStaged: isStaged))
    }

    /// Items added to the catalogue that is then loaded are not seen before the commit.
    package func prepareBeginningCatalogue() throws(EngineError) -> Prepared<Void> {
        guard !isLoadingCatalogue else { throw .catalogueBegun }
        return Prepared(.beginCatalogue)
    }

    /// The loaded catalogue replaces the whole one, in one step.
    package func prepareCommittingCatalogue() throws(EngineError) -> Prepared<Void> {
        try checkLoading(true)
        return Prepared(.commitCatalogue)
    }

    package func prepareAbortingCatalogue() throws(EngineError) -> Prepared<Void> {
        try checkLoading(true)
        return Prepared(.abortCatalogue)
    }

    /// Whether a catalogue has been begun, and neither put in place nor thrown away.
    package var isLoadingCatalogue: Bool { writer.withLock { $0.isLoadingCatalogue } }

    private func checkLoading(_ isStaged: Bool) throws(EngineError) {
        guard !isStaged || isLoadingCatalogue else { throw .catalogueNotBegun }
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
            case .taste: taste = Quantiser.levels(of: vector)
            }
        }
        guard let signal = draft.signalVector else { return (text, taste, nil) }
        precondition(signal.space == .taste, "only the taste space has signal vectors")
        try checkDimension(of: signal)
        return (text, taste, Quantiser.levels(of: signal))
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
