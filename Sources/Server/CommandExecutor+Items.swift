import Domain
import Engine
import Text
import Wire

/// Commands about items and whole catalogues.
extension CommandExecutor {
    /// Adds the item; `nil`, and nothing is done, when its text must be read and texts are a
    /// worker's.
    func add(
        _ item: ItemDraft, session: inout Session, writer: inout ReplyWriter
    ) -> Outcome? {
        var reading: ItemReading?
        if let text = item.text {
            reading = knownReading(of: text, in: item) ?? reader?.readItem(text.utf8.span)
            guard reading != nil else { return nil }
        }
        let sensitive = reading?.sensitive
        let answer = shared.changes.add(
            item, textRow: reading?.row, sensitive: sensitive,
            isStaged: session.isLoadingCatalogue)
        return reply(answer, session: &session, writer: &writer) { _, _, writer in
            if let sensitive {
                writer.simple("OK flagged \(sensitive.word)")
            } else {
                writer.ok()
            }
        }
    }

    /// What the gate has said before of the same text of the same item: catalogues are loaded again
    /// and again, mostly unchanged.
    private func knownReading(of text: String, in item: ItemDraft) -> ItemReading? {
        guard let record = shared.engine.item(item.id, ranker: ranker)?.details,
            record.text == text
        else { return nil }
        var reading = shared.text.readItem(text.utf8.span)
        reading.sensitive = record.sensitive
        return reading
    }

    func remove(
        _ ids: [ItemID], session: inout Session, writer: inout ReplyWriter
    ) -> Outcome {
        let answer = shared.changes.remove(ids, isStaged: session.isLoadingCatalogue)
        return reply(answer, session: &session, writer: &writer) { count, _, writer in
            writer.integer(count)
        }
    }

    func beginCatalogue(_ session: inout Session, writer: inout ReplyWriter) -> Outcome {
        reply(shared.changes.beginCatalogue(), session: &session, writer: &writer) {
            _, session, writer in
            session.isLoadingCatalogue = true
            writer.ok()
        }
    }

    func commitCatalogue(
        _ session: inout Session, writer: inout ReplyWriter
    ) throws(EngineError) -> Outcome {
        guard session.isLoadingCatalogue else { throw .catalogueNotBegun }
        return ends(shared.changes.commitCatalogue(), session: &session, writer: &writer)
    }

    func abortCatalogue(
        _ session: inout Session, writer: inout ReplyWriter
    ) throws(EngineError) -> Outcome {
        guard session.isLoadingCatalogue else { throw .catalogueNotBegun }
        return ends(shared.changes.abortCatalogue(), session: &session, writer: &writer)
    }

    /// The connection loads a catalogue no more.
    private func ends(
        _ answer: ChangeAnswer<Void>, session: inout Session, writer: inout ReplyWriter
    ) -> Outcome {
        reply(answer, session: &session, writer: &writer) { _, session, writer in
            session.isLoadingCatalogue = false
            writer.ok()
        }
    }

    /// Null when there is no such live item.
    func describe(_ id: ItemID) -> Reply {
        guard let view = shared.engine.item(id, ranker: ranker) else { return .null }
        let record = view.details
        return [
            "id": .bulk(view.id),
            "kind": .bulk(shared.engine.setup.kind(numbered: view.kind)),
            "text": optional(record.text),
            "author": optional(record.author),
            "bid": .integer(view.bidMicros),
            "prior": record.prior.map(Reply.double) ?? .null,
            "topics": .array(record.topics.map(Reply.bulk)),
            "created": optional(view.created?.description),
            "expires": optional(view.expires?.description),
            "regions": .array(record.regions.map(Reply.bulk)),
            "languages": .array(record.languages.map(Reply.bulk)),
            "domains": .array(record.declaration.domains.map(Reply.bulk)),
            "categories": .array(record.declaration.categories.map(Reply.bulk)),
            "taxonomy": .integer(record.declaration.taxonomy),
            "creative": optional(record.declaration.creative?.text),
            "flagged": optional(record.sensitive?.word),
        ]
    }

    func optional(_ text: String?) -> Reply { text.map(Reply.bulk) ?? .null }
}
