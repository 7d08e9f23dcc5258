import CSIMD
import Domain

extension Ranker {
    /// What an exchange asks about a ranked ad, while its ranking is in hand; `nil` when there is no
    /// such item.
    package func offer(of id: Span<UInt8>) -> AdOffer? {
        guard let slot = slot(of: id) else { return nil }
        var view = unsafe csimd_item_view()
        guard unsafe csimd_reader_item(csimd_ranker_reader(raw), slot, &view) else { return nil }
        let start = unsafe view.record?.assumingMemoryBound(to: UInt8.self)
        let record = unsafe UnsafeBufferPointer(start: start, count: view.record_bytes)
        return ItemRecord.offer(in: unsafe Span(_unsafeElements: record))
    }
}
