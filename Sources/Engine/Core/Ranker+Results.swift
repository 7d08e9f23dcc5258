import CSIMD
import Domain

/// What a request may rank.
package enum Candidates: Sendable {
    /// Every live item of the surface's kinds.
    case all
    /// Little-endian 64-bit numbers: n names the item whose identifier is decimal n.
    case packed(ByteRange)
    /// Identifiers: ranges of the command's arguments.
    case identifiers(Range<Int>)
}

/// The ranking of one request, best first; valid until the request ends.
@safe package struct RankResults: ~Copyable {
    private let raw: csimd_rank_result

    init(_ raw: csimd_rank_result) { unsafe self.raw = raw }

    package var count: Int { unsafe raw.ranked_count }
    /// Candidates that are live items, each once.
    package var candidatesCount: Int { unsafe raw.candidates_count }
    package var eligibleCount: Int { unsafe raw.eligible_count }
    /// The share of the candidates that was looked at before the deadline; 1 without one.
    package var coverage: Double {
        let (offered, covered) = unsafe (raw.offered_count, raw.covered_count)
        return covered >= offered ? 1 : Double(covered) / Double(offered)
    }

    /// The item that is ranked first.
    var bestSlot: UInt32? { count > 0 ? unsafe raw.ranked[0].slot : nil }

    /// Positions, among the given candidates, of those that name no live item.
    package var unknown: [Int] {
        (0..<(unsafe raw.unknown_count)).map { Int(unsafe raw.unknown[$0]) }
    }

    package func forEach(_ body: (_ id: Span<UInt8>, _ score: Double) -> Void) {
        for index in 0..<count {
            let ranked = unsafe raw.ranked[leakPlace(index)]
            let id = unsafe UnsafeBufferPointer(
                start: ranked.identifier, count: Int(ranked.identifier_bytes))
            body(unsafe Span(_unsafeElements: id), unsafe ranked.score)
        }
    }
}

extension RankResults {
    /// Turns pairs of equals round, when that leak is planted.
    private func leakPlace(_ index: Int) -> Int {
        guard Leak.counterBreaksTies.isPlanted, Leak.counted & 1 != 0 else { return index }
        let other = index ^ 1
        guard other < count else { return index }
        return unsafe raw.ranked[index].score == raw.ranked[other].score ? other : index
    }
}

extension Ranker {
    /// Ranks the candidates of a prepared request.
    ///
    /// - Parameters:
    ///   - deadline: On the monotonic clock, in nanoseconds; when it has passed, the results are those
    ///     of the candidates that were looked at by then.
    ///   - bytes: The command's bytes, which `packed` and `ranges` point into.
    ///   - ranges: The command's arguments.
    func rank(
        _ candidates: Candidates, top: Int, deadline: Int64?, bytes: Span<UInt8>,
        ranges: Span<ByteRange>
    ) -> RankResults {
        if let deadline { unsafe csimd_ranker_limit(raw, deadline) }
        switch candidates {
        case .all:
            return unsafe RankResults(csimd_rank_all(raw, top))
        case .packed(let range):
            return unsafe bytes.extracting(range.range).withUnsafeBufferPointer { numbers in
                unsafe RankResults(
                    csimd_rank_numbers(raw, numbers.baseAddress, numbers.count / 8, top))
            }
        case .identifiers(let indices):
            return unsafe bytes.withUnsafeBufferPointer { bytes in
                unsafe ranges.extracting(indices).withUnsafeBufferPointer { ranges in
                    let first = unsafe UnsafeRawPointer(ranges.baseAddress)?
                        .assumingMemoryBound(to: csimd_range.self)
                    return unsafe RankResults(
                        csimd_rank_identifiers(
                            raw, bytes.baseAddress, first, ranges.count, top))
                }
            }
        }
    }

    /// How many rows a ranking of everything on the surface would look at.
    package func rowsCount(on surface: ResolvedSurface) -> Int {
        withCatalogue {
            unsafe csimd_reader_rows_count(csimd_ranker_reader(raw), surface.setup.kinds)
        }
    }
}
