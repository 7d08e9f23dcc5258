import CSIMD
import Domain

/// The core's items. Writers come one at a time: the engine's writer lock is held around each call.
@safe struct ItemStore: ~Copyable, @unchecked Sendable {
    let raw: OpaquePointer

    /// An item as the core stores it.
    struct Row {
        let id: ItemID
        let kind: UInt32
        let isSensitive: Bool
        let text: TextRow
        let taste: [Int8]?
        let tasteSignal: [Int8]?
        let bidMicros: Int64
        let created: Timestamp?
        let expires: Timestamp?
        let author: AuthorID?
        let prior: Double?
        let regions: [Region]
        let languages: [Language]
        /// What `ITEM.GET` shows besides, as bytes.
        let record: [UInt8]
    }

    /// Where the store stands.
    struct State: Sendable {
        let sequence: UInt64
        let items: UInt64
        let slots: UInt64
        let rows: UInt64
        let retired: UInt64
        let directory: Memory
        let catalogue: Memory
        let staging: Memory
    }

    init(tasteDimension: Int) throws(EngineError) {
        guard let raw = unsafe csimd_store_create(tasteDimension) else { throw .outOfMemory }
        unsafe self.raw = raw
    }

    deinit { unsafe csimd_store_destroy(raw) }

    func put(_ row: Row, staged: Bool) throws(EngineError) {
        let status = unsafe withItem(row) { unsafe csimd_store_put(raw, $0, staged) }
        switch status {
        case CSIMD_STATUS_OK: return
        case CSIMD_STATUS_FULL: throw .full(what: "items", limit: Limits.itemsMax)
        default: throw .outOfMemory
        }
    }

    /// Throws when an item with these lists cannot be put; whether it is the first with one of them.
    func checkRoom(
        regions: [Region], languages: [Language], staged: Bool
    ) throws(EngineError) -> Bool {
        let room = unsafe withLists(regions, languages) { item in
            unsafe csimd_store_room(raw, &item, staged)
        }
        guard room != CSIMD_ROOM_NONE else {
            throw .full(
                what: "distinct lists of regions, or of languages",
                limit: regions.isEmpty ? Int(CSIMD_LANGUAGE_SETS_MAX) : Int(CSIMD_REGION_SETS_MAX))
        }
        return room == CSIMD_ROOM_FREE
    }

    func remove(_ id: ItemID, staged: Bool) -> Bool {
        unsafe withBytes(id.text) {
            unsafe csimd_store_remove(raw, $0.baseAddress, $0.count, staged)
        }
    }

    func begin() throws(EngineError) {
        guard unsafe csimd_store_begin(raw) == CSIMD_STATUS_OK else { throw .outOfMemory }
    }

    func commit() throws(EngineError) {
        guard unsafe csimd_store_commit(raw) == CSIMD_STATUS_OK else { throw .outOfMemory }
    }

    func abort() { unsafe csimd_store_abort(raw) }

    /// The slot of a live item.
    func slot(of id: ItemID) -> UInt32? {
        let slot = unsafe withBytes(id.text) {
            unsafe csimd_store_slot(raw, $0.baseAddress, $0.count)
        }
        return slot == UInt32.max ? nil : slot
    }

    /// Whether a live item is on a sensitive matter.
    func isSensitive(_ slot: UInt32) -> Bool { unsafe csimd_store_is_sensitive(raw, slot) }

    func retain(_ slot: UInt32) { unsafe csimd_store_retain(raw, slot) }
    func release(_ slot: UInt32) { unsafe csimd_store_release(raw, slot) }

    /// Counts one change that is not about items.
    func advance() { _ = unsafe csimd_store_advance(raw) }

    /// Frees what no reader can see any more.
    func reclaim() { unsafe csimd_store_reclaim(raw) }

    var state: State {
        let state = unsafe csimd_store_state_of(raw)
        return State(
            sequence: state.sequence, items: state.items_count, slots: state.slots_count,
            rows: state.rows_count, retired: state.retired_count,
            directory: Memory(state.directory), catalogue: Memory(state.catalogue),
            staging: Memory(state.staging))
    }

    /// Calls `body` with the row as the C struct that points into it.
    private func withItem(
        _ row: Row, _ body: (UnsafePointer<csimd_item>) -> csimd_status
    ) -> csimd_status {
        unsafe withLists(row.regions, row.languages) { item in
            unsafe withItem(&item, row, body)
        }
    }

    /// Calls `body` with an item that has nothing but its lists.
    private func withLists<Result>(
        _ regions: [Region], _ languages: [Language], _ body: (inout csimd_item) -> Result
    ) -> Result {
        let regions = regions.map(\.rawValue)
        let languages = languages.map(\.rawValue)
        return unsafe regions.withUnsafeBufferPointer { regions in
            unsafe languages.withUnsafeBufferPointer { languages in
                var item = unsafe csimd_item()
                unsafe item.regions = regions.baseAddress
                unsafe item.regions_count = regions.count
                unsafe item.languages = languages.baseAddress
                unsafe item.languages_count = languages.count
                return unsafe body(&item)
            }
        }
    }

    private func withItem(
        _ item: inout csimd_item, _ row: Row, _ body: (UnsafePointer<csimd_item>) -> csimd_status
    ) -> csimd_status {
        unsafe item.kind = row.kind
        unsafe item.flags = flags(of: row)
        unsafe item.bid_micros = row.bidMicros
        unsafe item.created_ms = row.created?.milliseconds ?? 0
        unsafe item.expires_ms = row.expires?.milliseconds ?? Int64.max
        unsafe item.author = row.author.map { stableHash($0.text) } ?? 0
        unsafe item.prior_logit = row.prior.map { Float(csimd_logit($0)) } ?? 0
        return unsafe row.text.withValues { text in
            unsafe withOptional(row.taste) { taste in
                unsafe withOptional(row.tasteSignal) { tasteSignal in
                    unsafe withBytes(row.id.text) { identifier in
                        unsafe row.record.withUnsafeBufferPointer { record in
                            unsafe item.identifier = identifier.baseAddress
                            unsafe item.identifier_bytes = identifier.count
                            unsafe item.text = text
                            unsafe item.taste = taste
                            unsafe item.taste_signal = tasteSignal
                            unsafe item.record = UnsafeRawPointer(record.baseAddress)
                            unsafe item.record_bytes = record.count
                            return unsafe body(&item)
                        }
                    }
                }
            }
        }
    }

    private func flags(of row: Row) -> UInt32 {
        var flags: UInt32 = 0
        if row.isSensitive { flags |= UInt32(CSIMD_ITEM_SENSITIVE) }
        if row.prior != nil { flags |= UInt32(CSIMD_ITEM_HAS_PRIOR) }
        if row.created != nil { flags |= UInt32(CSIMD_ITEM_HAS_CREATED) }
        return flags
    }
}

func withBytes<Result>(
    _ text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Result
) -> Result {
    var text = text
    return text.withUTF8 { unsafe body($0) }
}

private func withOptional<Result>(
    _ values: [Int8]?, _ body: (UnsafePointer<Int8>?) -> Result
) -> Result {
    guard let values else { return body(nil) }
    return unsafe values.withUnsafeBufferPointer { unsafe body($0.baseAddress) }
}
