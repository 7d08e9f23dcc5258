import Domain
import Engine
import Text
import Wire

/// Commands about items and whole catalogues.
extension CommandExecutor {
    func add(
        _ item: ItemDraft, session: Session, writer: inout ReplyWriter
    ) throws(EngineError) {
        let reading = item.text.map { shared.text.readItem($0.utf8.span) }
        try shared.engine.add(
            item, textRow: reading?.row, sensitive: reading?.sensitive,
            isStaged: session.isLoadingCatalogue)
        if let label = reading?.sensitive {
            writer.simple("OK flagged \(label.word)")
        } else {
            writer.ok()
        }
    }

    func remove(_ ids: [ItemID], session: Session, writer: inout ReplyWriter) {
        writer.integer(shared.engine.remove(ids, isStaged: session.isLoadingCatalogue))
    }

    func beginCatalogue(
        _ session: inout Session, writer: inout ReplyWriter
    ) throws(EngineError) {
        try shared.engine.beginCatalogue()
        session.isLoadingCatalogue = true
        writer.ok()
    }

    func commitCatalogue(
        _ session: inout Session, writer: inout ReplyWriter
    ) throws(EngineError) {
        guard session.isLoadingCatalogue else { throw .catalogueNotBegun }
        try shared.engine.commitCatalogue()
        session.isLoadingCatalogue = false
        writer.ok()
    }

    func abortCatalogue(
        _ session: inout Session, writer: inout ReplyWriter
    ) throws(EngineError) {
        guard session.isLoadingCatalogue else { throw .catalogueNotBegun }
        try shared.engine.abortCatalogue()
        session.isLoadingCatalogue = false
        writer.ok()
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
            "flagged": optional(record.sensitive?.word),
        ]
    }

    func optional(_ text: String?) -> Reply { text.map(Reply.bulk) ?? .null }
}
