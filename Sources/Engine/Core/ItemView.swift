import CSIMD
import Domain

/// A copy of what the pinned catalogue says of an item.
package struct ItemView: Sendable, Equatable {
    package let id: String
    package let isLive: Bool
    package let isSensitive: Bool
    package let kind: UInt32
    package let bidMicros: Int64
    package let created: Timestamp?
    package let expires: Timestamp?
    private let record: [UInt8]

    /// What ranking does not read.
    package var details: ItemRecord { ItemRecord(bytes: record) }

    init(_ raw: csimd_item_view) {
        id = unsafe String(
            decoding: UnsafeBufferPointer(start: raw.identifier, count: raw.identifier_bytes),
            as: UTF8.self)
        isLive = unsafe raw.live
        isSensitive = unsafe raw.flags & UInt32(CSIMD_ITEM_SENSITIVE) != 0
        kind = unsafe raw.kind
        bidMicros = unsafe raw.bid_micros
        let hasCreated = unsafe raw.flags & UInt32(CSIMD_ITEM_HAS_CREATED) != 0
        created = hasCreated ? Timestamp(stored: unsafe raw.created_ms) : nil
        let expiry = unsafe raw.expires_ms
        expires = expiry == Int64.max ? nil : Timestamp(stored: expiry)
        record = unsafe Array(UnsafeRawBufferPointer(start: raw.record, count: raw.record_bytes))
    }
}
