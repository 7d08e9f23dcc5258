import CSIMD
import Domain

/// Items one by one with their rows: what an export of everything reads.
extension Ranker {
    /// The item of a slot in the pinned catalogue, and whether it is live; `nil` for a slot without.
    func resolvedItem(
        ofSlot slot: UInt32, setup: Setup, tasteDimension: Int
    ) -> (item: ResolvedItem, isLive: Bool)? {
        var raw = unsafe csimd_item_view()
        guard unsafe csimd_reader_item(csimd_ranker_reader(self.raw), slot, &raw) else {
            return nil
        }
        let view = unsafe ItemView(raw)
        let details = view.details
        do throws(DomainError) {
            // One that is gone has lost its kind with its catalogue: any stands in.
            let kind =
                view.isLive ? try Kind(setup.kind(numbered: view.kind)) : setup.allKinds.first
            guard let kind else { return nil }
            var draft = ItemDraft(id: try ItemID(view.id), kind: kind)
            draft.text = details.text
            draft.author = try details.author.map { (text) throws(DomainError) in
                try AuthorID(text)
            }
            draft.bidMicros = view.bidMicros
            draft.prior = details.prior
            draft.topics = details.topics
            draft.created = view.created
            draft.expires = view.expires
            for code in details.regions { draft.regions.append(try Region(code)) }
            for code in details.languages { draft.languages.append(try Language(code)) }
            draft.declaration = details.declaration
            var text = TextRow.zero
            for (index, value) in unsafe levels(raw.text, Limits.textDimension).enumerated() {
                text[index] = value
            }
            let hasTaste = tasteDimension > 0
            let item = ResolvedItem(
                draft: draft, sensitive: details.sensitive, text: text,
                taste: hasTaste ? unsafe levels(raw.taste, tasteDimension) : nil,
                tasteSignal: hasTaste ? unsafe levels(raw.taste_signal, tasteDimension) : nil)
            return (item, unsafe raw.live)
        } catch {
            preconditionFailure("a held item is malformed: \(error.message)")
        }
    }

    private func levels(_ values: UnsafePointer<Int8>?, _ count: Int) -> [Int8] {
        guard let values = unsafe values else { return Array(repeating: 0, count: count) }
        return unsafe Array(UnsafeBufferPointer(start: values, count: count))
    }
}

extension UserShard {
    /// Whose the entry of the table is; `nil` when it is free.
    func identifier(ofEntry entry: UInt64) -> String? {
        guard let user = unsafe csimd_shard_user(raw, entry) else { return nil }
        var count = 0
        let bytes = unsafe csimd_user_identifier(user, &count)
        return unsafe String(
            decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }
}
