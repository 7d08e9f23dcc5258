import CSIMD
import Domain

/// The core's half of a restoration: items into a store that shows them at the end, users into shards
/// of their own.
///
/// The engine's writer lock is held around each call, the making and the end.
@safe struct StateReader: ~Copyable {
    private let raw: OpaquePointer
    /// Those that the users come into.
    let shards: [Engine.Shard]
    /// Bytes before the first that this takes, so that an error tells the place in the whole.
    private let offset: UInt64

    init(
        items: borrowing ItemStore, shardsCount: Int, topicsCount: Int, setup: Setup, offset: Int
    ) throws(StateError) {
        var shards: [Engine.Shard] = []
        do throws(EngineError) {
            for _ in 0..<shardsCount { shards.append(try Engine.Shard(items)) }
        } catch { throw .outOfMemory }
        let limits = Self.limits(topicsCount: topicsCount, setup: setup)
        let pointers = unsafe shards.map {
            unsafe OpaquePointer?($0.users.withLock { unsafe $0.raw })
        }
        let raw = unsafe pointers.withUnsafeBufferPointer {
            unsafe csimd_restoration_create(items.raw, $0.baseAddress, $0.count, limits)
        }
        guard let raw = unsafe raw else { throw .outOfMemory }
        unsafe self.raw = raw
        self.shards = shards
        self.offset = UInt64(offset)
    }

    deinit { unsafe csimd_restoration_destroy(raw) }

    private static func limits(topicsCount: Int, setup: Setup) -> csimd_state_limits {
        var limits = csimd_state_limits()
        limits.time_ms_max = Limits.timeMillisecondsMax
        limits.bid_micros_max = Limits.bidMicrosMax
        limits.kinds_count = UInt32(setup.kinds.count)
        limits.topics_count = UInt32(topicsCount)
        limits.products_count = UInt32(setup.products.count) + 1
        limits.ring_rooms = (
            Ring.behaviour.room, Ring.views.room, Ring.negative.room, Ring.flaggedBehaviour.room,
            Ring.flaggedViews.room, Ring.flaggedNegative.room, Ring.chat(.unnamed).room
        )
        return limits
    }

    /// The state had a catalogue that was being loaded.
    var isLoadingCatalogue: Bool { unsafe csimd_restoration_is_loading(raw) }

    func take(_ bytes: Span<UInt8>) throws(StateError) {
        let status = unsafe bytes.withUnsafeBufferPointer {
            unsafe csimd_restoration_take(raw, $0.baseAddress, $0.count)
        }
        try check(status)
    }

    /// Checks that nothing is missing, and shows the items.
    func finish(sequence: UInt64) throws(StateError) {
        try check(unsafe csimd_restoration_finish(raw, sequence))
    }

    private func check(_ status: csimd_status) throws(StateError) {
        switch status {
        case CSIMD_STATUS_OK: return
        case CSIMD_STATUS_FULL:
            throw .engine(.full(what: "items", limit: Limits.itemsMax))
        case CSIMD_STATUS_DAMAGED:
            let fault = unsafe csimd_restoration_fault(raw)
            let record = unsafe fault.tag == 0 ? "" : Self.name(ofTag: UInt8(bitPattern: fault.tag))
            let reason = unsafe String(cString: fault.reason)
            throw .damaged(record + reason, offset: unsafe offset + fault.offset)
        default: throw .outOfMemory
        }
    }

    private static func name(ofTag tag: UInt8) -> String {
        switch tag {
        case UInt8(ascii: "S"): "a set's record: "
        case UInt8(ascii: "I"): "an item's record: "
        case UInt8(ascii: "U"): "a user's record: "
        case UInt8(ascii: "B"), UInt8(ascii: "T"): "a record of the catalogue that is loaded: "
        case UInt8(ascii: "E"): "the end: "
        default: "a record of tag \(tag): "
        }
    }
}
