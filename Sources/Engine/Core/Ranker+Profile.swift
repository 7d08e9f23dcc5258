import CSIMD
import Domain

/// Parts of the copied profile that only its export reads: they allocate.
extension Ranker {
    /// A counter of the profile, with the showings that it keeps one by one.
    struct HeldImpression {
        let slot: UInt32
        let isFlagged: Bool
        let count: Int
        let last: Timestamp
        let newest: [UserExport.Impression.Showing]
        let earlierLast: Timestamp
    }

    var impressions: [HeldImpression] {
        unsafe withUnsafeBytes(of: &profile.pointee.impressions) { bytes in
            (0..<(unsafe profile.pointee.impressions_count)).map { index in
                var impression = unsafe bytes.load(
                    fromByteOffset: index * MemoryLayout<csimd_impression>.stride,
                    as: csimd_impression.self)
                return HeldImpression(
                    slot: impression.slot, isFlagged: impression.is_flagged != 0,
                    count: Int(unsafe csimd_impression_count(&impression)),
                    last: Timestamp(stored: unsafe csimd_impression_last_ms(&impression)),
                    newest: showings(of: impression),
                    earlierLast: impression.earlier_count == 0
                        ? .zero : Timestamp(stored: impression.earlier_ms))
            }
        }
    }

    private func showings(
        of impression: csimd_impression
    ) -> [UserExport.Impression.Showing] {
        let newest = impression.newest
        return [newest.0, newest.1, newest.2].prefix(Int(impression.newest_count)).map {
            UserExport.Impression.Showing(at: Timestamp(stored: $0.time_ms), event: $0.event)
        }
    }

    /// The values of the vector that the signal is about.
    func vector(ofSignal index: Int, count: Int) -> [Int8] {
        let number = Int(unsafe profile.pointee.signals[index].subject)
        let row = unsafe profile.pointee.vectors + number * Int(CSIMD_DIMENSION_MAX)
        return (0..<count).map { unsafe row[$0] }
    }
}
