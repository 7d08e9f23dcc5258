import CSIMD
import Domain

/// What items and users mean, as bytes: the same for the same, whatever numbers a server has given.
///
/// One thread at a time: its room is used again.
@safe struct StateMeaning: ~Copyable {
    private let kinds: [UInt64]
    private let products: [UInt64]
    private var bytes = [UInt8](repeating: 0, count: Int(CSIMD_STATE_RECORD_MAX))
    private var raw = csimd_state_counts()

    /// What an item is.
    enum Item { case live, held, staged }

    init(_ setup: Setup) {
        // A kind or product that is newer than the setup is one without a name: zero.
        var kinds = setup.kinds.map { stableHash($0.text) }
        kinds += Array(repeating: 0, count: Int(CSIMD_KINDS_MAX) + 1 - kinds.count)
        var products = [0] + setup.products.map { stableHash($0.text) }
        products += Array(repeating: 0, count: Int(CSIMD_PRODUCTS_MAX) - products.count)
        self.kinds = kinds
        self.products = products
    }

    /// Of the users that `describe` has met since `countAnew`.
    var signals: UInt64 { raw.signals }
    var impressions: UInt64 { raw.impressions }

    mutating func countAnew() { raw = csimd_state_counts() }

    static func slotsCount(of items: borrowing ItemStore) -> UInt32 {
        unsafe csimd_state_slots_count(items.raw)
    }

    /// Calls `body` with the slot's item, live or held, or of the catalogue that is being loaded; the
    /// writer's lock is held.
    mutating func describe(
        slot: UInt32, of items: borrowing ItemStore, isStaged: Bool,
        _ body: (Item, Span<UInt8>) -> Void
    ) {
        var count = 0
        let item = unsafe withNames { names, bytes, _ in
            unsafe csimd_state_item_bytes(items.raw, slot, isStaged, names, bytes, &count)
        }
        switch item {
        case CSIMD_STATE_ITEM_LIVE: body(.live, bytes.span.extracting(0..<count))
        case CSIMD_STATE_ITEM_HELD: body(.held, bytes.span.extracting(0..<count))
        case CSIMD_STATE_ITEM_STAGED: body(.staged, bytes.span.extracting(0..<count))
        default: return
        }
    }

    /// Calls `body` with the user of the entry, when there is one of whom anything is held; the shard's
    /// lock is held.
    mutating func describe(
        entry: UInt64, of users: borrowing UserShard, items: borrowing ItemStore,
        _ body: (Span<UInt8>) -> Void
    ) {
        guard let user = unsafe csimd_shard_user(users.raw, entry) else { return }
        let count = unsafe withNames { names, bytes, counts in
            unsafe csimd_state_user_bytes(items.raw, user, names, bytes, counts)
        }
        if count > 0 { body(bytes.span.extracting(0..<count)) }
    }

    private mutating func withNames<Result>(
        _ body: (
            UnsafePointer<csimd_state_names>, UnsafeMutablePointer<UInt8>?,
            UnsafeMutablePointer<csimd_state_counts>
        ) -> Result
    ) -> Result {
        unsafe kinds.withUnsafeBufferPointer { kinds in
            unsafe products.withUnsafeBufferPointer { products in
                var names = unsafe csimd_state_names(
                    kinds: kinds.baseAddress, products: products.baseAddress)
                return unsafe bytes.withUnsafeMutableBufferPointer {
                    unsafe body(&names, $0.baseAddress, &raw)
                }
            }
        }
    }
}
