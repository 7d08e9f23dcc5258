import CSIMD
import Domain
import Policy

/// Everything that one thread needs to rank, reserved beforehand: a request allocates nothing.
///
/// A ranker belongs to one thread at a time and outlives none of the engine's items.
@safe package final class Ranker {
    let raw: OpaquePointer
    private let engine: Engine
    let profile: UnsafeMutablePointer<csimd_profile>
    /// Rows that the contexts of a request bring, one for each context.
    private let contextRows: UnsafeMutablePointer<Int8>
    /// The gates that kept held chats out of the request that began last.
    package internal(set) var masked = GateSet()

    init(engine: Engine, store: borrowing ItemStore) throws(EngineError) {
        guard let raw = unsafe csimd_ranker_create(store.raw) else { throw .outOfMemory }
        unsafe self.raw = raw
        self.engine = engine
        unsafe profile = csimd_ranker_profile(raw)
        unsafe contextRows = UnsafeMutablePointer<Int8>.allocate(
            capacity: Limits.contextsMax * Int(CSIMD_DIMENSION_MAX))
    }

    deinit {
        unsafe contextRows.deallocate()
        unsafe csimd_ranker_destroy(raw)
    }

    package var memory: Memory { unsafe Memory(csimd_ranker_memory(raw)) }

    // MARK: One request

    /// Pins the catalogue; the profile is copied behind it, so that it names nothing reclaimed.
    func pin() { unsafe csimd_ranker_pin(raw) }

    func begin(_ surface: ResolvedSurface, clock: Timestamp, region: Region, language: Language) {
        var setup = surface.setup
        setup.clock_ms = clock.milliseconds
        setup.region = region.rawValue
        setup.language = language.rawValue
        if Leak.exposuresFeedPrior.isPlanted { setup.bias += 0.01 * Double(Leak.counted) }
        unsafe csimd_ranker_begin(raw, &setup)
    }

    func end() { unsafe csimd_ranker_end(raw) }

    func prepare() { unsafe csimd_ranker_prepare(raw) }

    // MARK: The copied profile

    /// Copies what is visible of the user under the lock of its shard.
    func copyProfile(of shard: borrowing UserShard, hash: UInt64, id: Span<UInt8>) {
        unsafe csimd_profile_copy(profile, find(hash, id, in: shard))
    }

    /// Copies all that is held about the user.
    func copyWholeProfile(of shard: borrowing UserShard, hash: UInt64, id: Span<UInt8>) {
        unsafe csimd_profile_copy_whole(profile, find(hash, id, in: shard))
    }

    private func find(
        _ hash: UInt64, _ id: Span<UInt8>, in shard: borrowing UserShard
    ) -> OpaquePointer? {
        unsafe id.withUnsafeBufferPointer {
            unsafe csimd_shard_find(shard.raw, hash, $0.baseAddress, $0.count)
        }
    }

    /// Copies the user of an entry of the shard's table; false when the entry is free.
    func copyProfile(of shard: borrowing UserShard, entry: UInt64) -> Bool {
        guard let user = unsafe csimd_shard_user(shard.raw, entry) else { return false }
        unsafe csimd_profile_copy(profile, user)
        return true
    }

    var settings: UserShard.Settings { unsafe UserShard.Settings(profile.pointee.settings) }

    var notice: Timestamp? {
        let notice = unsafe profile.pointee.settings.notice_ms
        return notice == Int64.max ? nil : Timestamp(stored: notice)
    }

    var links: ProductSet { ProductSet(rawValue: unsafe profile.pointee.settings.links) }

    var language: Language {
        Language(rawValue: unsafe profile.pointee.settings.language) ?? .unknown
    }

    /// The user's region at an instant: the first known one holds backwards.
    func region(at time: Timestamp) -> Region {
        var region = Region.unknown
        for index in 0..<regionsCount {
            let period = regionPeriod(at: index)
            if index > 0 && period.from_ms > time.milliseconds { break }
            region = Region(rawValue: period.region) ?? .unknown
        }
        return region
    }

    /// When the user was in a region that the policy excludes.
    func regionHistory(under policy: PolicyTable) -> RegionHistory {
        var history = RegionHistory()
        for index in 0..<regionsCount {
            let period = regionPeriod(at: index)
            history.append(
                from: Timestamp(stored: period.from_ms),
                Region(rawValue: period.region) ?? .unknown, policy: policy)
        }
        return history
    }

    private var regionsCount: Int { Int(unsafe profile.pointee.settings.regions_count) }

    private func regionPeriod(at index: Int) -> csimd_region_period {
        unsafe withUnsafeBytes(of: &profile.pointee.settings.regions) { bytes in
            unsafe bytes.load(
                fromByteOffset: index * MemoryLayout<csimd_region_period>.stride,
                as: csimd_region_period.self)
        }
    }

    var ringsCount: Int { unsafe profile.pointee.rings_count }

    /// The ring and the indices of its visible signals, oldest first.
    func ring(at index: Int) -> (ring: Ring, signals: Range<Int>) {
        let range = rawRing(at: index)
        let first = Int(range.first)
        return (Ring(key: range.ring), first..<first + Int(range.count))
    }

    /// The indices of the ring's reserve, in a whole copy.
    func reserve(ofRingAt index: Int) -> Range<Int> {
        let range = rawRing(at: index)
        return Int(range.first - range.reserved)..<Int(range.first)
    }

    private func rawRing(at index: Int) -> csimd_ring_range {
        unsafe withUnsafeBytes(of: &profile.pointee.rings) { bytes in
            unsafe bytes.load(
                fromByteOffset: index * MemoryLayout<csimd_ring_range>.stride,
                as: csimd_ring_range.self)
        }
    }

    func milliseconds(ofSignal index: Int) -> Int64 {
        unsafe profile.pointee.signals[index].time_ms
    }

    func type(ofSignal index: Int) -> SignalType {
        guard let type = SignalType(rawValue: unsafe profile.pointee.signals[index].type) else {
            preconditionFailure("a stored signal has an unknown type")
        }
        return type
    }

    /// Whether the signal is about an item on a sensitive matter, as the item is now.
    func isAboutFlaggedItem(signal index: Int) -> Bool {
        let signal = unsafe profile.pointee.signals[index]
        guard UInt32(signal.about) == CSIMD_ABOUT_ITEM.rawValue else { return false }
        var view = unsafe csimd_item_view()
        return unsafe csimd_reader_item(csimd_ranker_reader(raw), signal.subject, &view)
            && view.flags & UInt32(CSIMD_ITEM_SENSITIVE) != 0
    }

    func signal(at index: Int) -> HeldSignal { unsafe HeldSignal(profile.pointee.signals[index]) }

    // MARK: Signals of the request

    /// Weighs a held signal in an affinity of the surface, in whatever way it is about something.
    ///
    /// - Parameter passesOver: Whether topics that the user has suppressed weigh nothing. The other
    ///   topics of the signal weigh what they weigh without them.
    func add(
        signal index: Int, to affinity: Int, in space: Space, unitWeight: UInt32, age: Int64,
        halfLife: Int64, passesOver: Bool
    ) {
        let signal = unsafe profile.pointee.signals[index]
        let weight = csimd_signal_weight_of(unitWeight, age, halfLife)
        let source = Explanation.Share.source(index, part: 0)
        switch UInt32(signal.about) {
        case CSIMD_ABOUT_ITEM.rawValue:
            _ = unsafe csimd_ranker_add_item(raw, affinity, signal.subject, source, weight)
        case CSIMD_ABOUT_TOPICS.rawValue where space == .text:
            for position in 0..<Limits.chatTopicsMax {
                if let topic = signal.topicWeight(at: position),
                    !(passesOver && isSuppressed(topic.topic))
                {
                    let source = Explanation.Share.source(index, part: position)
                    add(topic, to: affinity, source: source, weight: weight)
                }
            }
        case CSIMD_ABOUT_TEXT_VECTOR.rawValue where space == .text,
            CSIMD_ABOUT_TASTE_VECTOR.rawValue where space == .taste:
            let row =
                unsafe profile.pointee.vectors
                + Int(signal.subject) * Int(CSIMD_DIMENSION_MAX)
            _ = unsafe csimd_ranker_add_row(raw, affinity, row, source, weight)
        default: break
        }
    }

    /// Whether the copied profile's user has suppressed the topic.
    private func isSuppressed(_ topic: TopicID) -> Bool {
        let count = Int(unsafe profile.pointee.settings.suppressed_count)
        guard count > 0 else { return false }
        return unsafe withUnsafeBytes(of: &profile.pointee.settings.suppressed) { bytes in
            (0..<count).contains {
                unsafe bytes.load(fromByteOffset: 2 * $0, as: UInt16.self) == topic.rawValue
            }
        }
    }

    private func add(
        _ topic: TopicWeight, to affinity: Int, source: UInt32, weight: csimd_signal_weight
    ) {
        let part = csimd_signal_weight_part(weight, topic.weight)
        _ = unsafe csimd_ranker_add_row(
            raw, affinity, engine.topics.row(of: topic.topic), source, part)
    }

    /// A weight for nothing, which coarsens the others: only a leak adds it.
    func addNothing(
        weighing unitWeight: UInt32, to affinity: Int, source: Int, age: Int64, halfLife: Int64
    ) {
        let zeros = unsafe contextRows + (Limits.contextsMax - 1) * Int(CSIMD_DIMENSION_MAX)
        unsafe zeros.update(repeating: 0, count: Int(CSIMD_DIMENSION_MAX))
        _ = unsafe csimd_ranker_add_row(
            raw, affinity, zeros, Explanation.Share.source(source, part: 0),
            csimd_signal_weight_of(unitWeight, age, halfLife))
    }

    /// The user follows the item that the signal is about.
    func addFollow(signal index: Int) {
        let signal = unsafe profile.pointee.signals[index]
        if UInt32(signal.about) == CSIMD_ABOUT_ITEM.rawValue {
            unsafe csimd_ranker_add_follow(raw, signal.subject)
        }
    }

    func addImpressions() {
        unsafe withUnsafePointer(to: &profile.pointee.impressions) { pointer in
            let count = unsafe profile.pointee.impressions_count
            let size = Int(CSIMD_IMPRESSIONS_MAX)
            unsafe pointer.withMemoryRebound(to: csimd_impression.self, capacity: size) {
                for index in 0..<count {
                    unsafe csimd_ranker_add_impression(raw, $0 + index)
                }
            }
        }
    }

    // MARK: Contexts of the request

    private static let contextWeight = csimd_signal_weight_of(32_768, 0, 1)

    func addContext(_ row: TextRow, number: Int, to affinity: Int) {
        let target = unsafe contextRows + number * Int(CSIMD_DIMENSION_MAX)
        for index in 0..<Limits.textDimension { unsafe target[index] = row[index] }
        _ = unsafe csimd_ranker_add_row(
            raw, affinity, target, Explanation.Share.source(number, part: 0), Self.contextWeight)
    }

    func addContext(_ topic: TopicWeight, number: Int, to affinity: Int) {
        add(
            topic, to: affinity, source: Explanation.Share.source(number, part: 0),
            weight: Self.contextWeight)
    }

    /// Weighs an item that the request names. Unknown ones weigh nothing, and deleted ones neither:
    /// whether those are still known depends on what other users liked.
    func addContext(item id: Span<UInt8>, number: Int, to affinity: Int) {
        guard let slot = slot(of: id), isLive(slot) else { return }
        _ = unsafe csimd_ranker_add_item(
            raw, affinity, slot, Explanation.Share.source(number, part: 0), Self.contextWeight)
    }

    /// Weighs a vector of little-endian 32-bit floats, quantised as an item's.
    func addContext(
        vector bytes: Span<UInt8>, space: Space, dimension: Int, number: Int, to affinity: Int
    ) throws(EngineError) {
        guard bytes.count == dimension * 4 else {
            throw .dimension(space: space, expected: dimension, actual: bytes.count / 4)
        }
        let scale = Quantiser.scale(of: space, squareSum: Quantiser.squareSum(of: bytes))
        let target = unsafe contextRows + number * Int(CSIMD_DIMENSION_MAX)
        for index in 0..<Int(CSIMD_DIMENSION_MAX) {
            unsafe target[index] =
                index < dimension
                ? Quantiser.level(Quantiser.value(at: index, of: bytes), scale: scale) : 0
        }
        _ = unsafe csimd_ranker_add_row(
            raw, affinity, target, Explanation.Share.source(number, part: 0), Self.contextWeight)
    }

    // MARK: Items

    /// The slot of an item, live or dead; `nil` when there is none of the identifier.
    func slot(of id: Span<UInt8>) -> UInt32? {
        let slot = unsafe id.withUnsafeBufferPointer {
            unsafe csimd_reader_find(csimd_ranker_reader(raw), $0.baseAddress, $0.count)
        }
        return slot == UInt32.max ? nil : slot
    }

    private func isLive(_ slot: UInt32) -> Bool {
        var view = unsafe csimd_item_view()
        return unsafe csimd_reader_item(csimd_ranker_reader(raw), slot, &view) && view.live
    }

    /// What the pinned catalogue says of an item, live or dead.
    func view(of slot: UInt32) -> ItemView? {
        var view = unsafe csimd_item_view()
        guard unsafe csimd_reader_item(csimd_ranker_reader(raw), slot, &view) else { return nil }
        return unsafe ItemView(view)
    }

    /// Pins the catalogue without a request; `unpinCatalogue()` must follow.
    func pinCatalogue() { _ = unsafe csimd_reader_pin(csimd_ranker_reader(raw)) }

    func unpinCatalogue() { unsafe csimd_reader_unpin(csimd_ranker_reader(raw)) }

    /// Pins the catalogue without a request, for looking items up.
    func withCatalogue<Result, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pinCatalogue()
        defer { unpinCatalogue() }
        return try body()
    }
}
