import CSIMD
import Domain

/// One shard of the core's users. The engine holds the shard's lock around each call.
@safe struct UserShard: ~Copyable {
    let raw: OpaquePointer

    /// A user's settings, as the core keeps them.
    struct Settings: Equatable {
        /// The region of a user over time, oldest first; the first holds backwards.
        struct Period: Equatable {
            var from: Timestamp
            var region: Region
        }

        var notice: Timestamp?
        var links = ProductSet()
        var language = Language.unknown
        var regions: [Period] = []
        /// Topics that ads must not use, ascending.
        var suppressed: [TopicID] = []
        /// Someone has set something: the user is known, were all as it is without.
        var isConfigured = false
    }

    /// What happened to a signal that was added.
    struct Addition {
        /// The slot that the oldest entry named, when it had to go.
        var droppedSlot: UInt32?
        /// The new signal was older than all of a full ring, and is not held.
        var wasKept = true
    }

    /// What went with a signal that was taken out.
    struct Retraction {
        /// The slot that it named, and names no more.
        let releasedSlot: UInt32?
    }

    /// - Parameter items: Those that the users' signals name; they outlive the shard.
    init(_ items: borrowing ItemStore) throws(EngineError) {
        precondition(
            Limits.suppressedTopicsMax <= CSIMD_SUPPRESSED_MAX
                && Limits.showingsKeptMax == CSIMD_IMPRESSION_SHOWINGS
                && Limits.impressionsMax == CSIMD_PLAIN_IMPRESSIONS_MAX
                && Limits.flaggedImpressionsMax == CSIMD_FLAGGED_IMPRESSIONS_MAX
                && Limits.userSignalsMax <= CSIMD_USER_SIGNALS_MAX,
            "the core keeps less than the limits say")
        guard let raw = unsafe csimd_shard_create(items.raw) else { throw .outOfMemory }
        unsafe self.raw = raw
    }

    deinit { unsafe csimd_shard_destroy(raw) }

    var memory: Memory { unsafe Memory(csimd_shard_memory(raw)) }
    var usersCount: UInt64 { unsafe csimd_shard_users_count(raw) }
    /// Entries of the table that users lie in, some of them free. When it grows, all change places.
    var entriesCount: UInt64 { unsafe csimd_shard_entries_count(raw) }

    /// `nil` when there is no such user.
    func settings(of key: UserKey) -> Settings? {
        guard let user = unsafe find(key) else { return nil }
        return Settings(unsafe csimd_user_settings_of(user))
    }

    func configure(_ key: UserKey, _ settings: Settings) throws(EngineError) {
        let user = unsafe try obtain(key)
        var raw = settings.raw
        guard unsafe csimd_user_configure(self.raw, user, &raw) == CSIMD_STATUS_OK else {
            throw .outOfMemory
        }
    }

    func knows(_ event: UInt64, of key: UserKey) -> Bool {
        guard let user = unsafe find(key) else { return false }
        return unsafe csimd_user_knows(user, event)
    }

    /// Puts the signal into its ring, or into the reserve behind it.
    func add(
        _ signal: HeldSignal, ring: Ring, to key: UserKey
    ) throws(EngineError) -> Addition {
        let user = unsafe try obtain(key)
        var entry = signal.raw
        var dropped = csimd_signal()
        var hasDropped = false
        let vector = signal.vector
        let status =
            if let vector {
                unsafe vector.withUnsafeBufferPointer {
                    unsafe csimd_user_add(
                        raw, user, ring.key, ring.room, &entry, $0.baseAddress, $0.count, &dropped,
                        &hasDropped)
                }
            } else {
                unsafe csimd_user_add(
                    raw, user, ring.key, ring.room, &entry, nil, 0, &dropped, &hasDropped)
            }
        guard status == CSIMD_STATUS_OK else { throw .outOfMemory }
        var addition = Addition()
        if hasDropped {
            let namesItem = UInt32(dropped.about) == CSIMD_ABOUT_ITEM.rawValue
            addition.droppedSlot = namesItem ? dropped.subject : nil
            addition.wasKept = !(dropped.time_ms == entry.time_ms && isSame(dropped, entry))
        }
        return addition
    }

    /// Counts an impression. Returns whether the slot is counted newly, and the slot that had to go.
    func addImpression(
        slot: UInt32, at time: Timestamp, event: UInt64, isFlagged: Bool, to key: UserKey
    ) throws(EngineError) -> (isNew: Bool, droppedSlot: UInt32?) {
        let user = unsafe try obtain(key)
        var isNew = false
        var dropped = UInt32.max
        let status = unsafe csimd_user_add_impression(
            raw, user, slot, time.milliseconds, event, isFlagged, &isNew, &dropped)
        guard status == CSIMD_STATUS_OK else { throw .outOfMemory }
        return (isNew, dropped == UInt32.max ? nil : dropped)
    }

    /// Takes the signal or impression of the event out, and forgets a user of whom nothing is left.
    ///
    /// `nil` when none is held.
    func retract(_ event: UInt64, of key: UserKey) -> Retraction? {
        guard let user = unsafe find(key) else { return nil }
        var slot = UInt32.max
        guard unsafe csimd_user_retract(raw, user, event, &slot) else { return nil }
        unsafe forgetIfEmpty(user)
        return Retraction(releasedSlot: slot == UInt32.max ? nil : slot)
    }

    /// Frees everything about the user. Returns the slots that it named; `nil` for an unknown user.
    func forget(_ key: UserKey) -> [UInt32]? {
        guard let user = unsafe find(key) else { return nil }
        let slots = unsafe [UInt32](unsafeUninitializedCapacity: Int(CSIMD_USER_SLOTS_MAX)) {
            unsafe $1 = csimd_user_slots(user, $0.baseAddress)
        }
        unsafe csimd_shard_forget(raw, user)
        return slots
    }

    /// Forgets a user of whom nothing is held, as after the last suppression is lifted.
    func forgetIfEmpty(_ key: UserKey) {
        if let user = unsafe find(key) { unsafe forgetIfEmpty(user) }
    }

    private func forgetIfEmpty(_ user: OpaquePointer) {
        if unsafe csimd_user_is_empty(user) { unsafe csimd_shard_forget(raw, user) }
    }

    private func find(_ key: UserKey) -> OpaquePointer? {
        unsafe withBytes(key.id.text) {
            unsafe csimd_shard_find(raw, key.hash, $0.baseAddress, $0.count)
        }
    }

    private func obtain(_ key: UserKey) throws(EngineError) -> OpaquePointer {
        let user = unsafe withBytes(key.id.text) {
            unsafe csimd_shard_obtain(raw, key.hash, $0.baseAddress, $0.count)
        }
        guard let user = unsafe user else { throw .outOfMemory }
        return unsafe user
    }

    private func isSame(_ left: csimd_signal, _ right: csimd_signal) -> Bool {
        left.event == right.event && left.subject == right.subject && left.type == right.type
            && left.about == right.about
    }
}

/// A user's identifier with its hash, which also chooses the shard.
struct UserKey {
    let id: UserID
    let hash: UInt64

    init(_ id: UserID) {
        self.id = id
        hash = stableHash(id.text)
    }
}

extension UserShard.Settings {
    init(_ raw: csimd_user_settings) {
        notice = raw.notice_ms == Int64.max ? nil : Timestamp(stored: raw.notice_ms)
        links = ProductSet(rawValue: raw.links)
        language = Language(rawValue: raw.language) ?? .unknown
        unsafe withUnsafeBytes(of: raw.regions) { bytes in
            for index in 0..<Int(raw.regions_count) {
                let period = unsafe bytes.load(
                    fromByteOffset: index * MemoryLayout<csimd_region_period>.stride,
                    as: csimd_region_period.self)
                regions.append(
                    Period(
                        from: Timestamp(stored: period.from_ms),
                        region: Region(rawValue: period.region) ?? .unknown))
            }
        }
        isConfigured = raw.is_configured
        unsafe withUnsafeBytes(of: raw.suppressed) { bytes in
            suppressed = (0..<Int(raw.suppressed_count)).map {
                TopicID(rawValue: unsafe bytes.load(fromByteOffset: 2 * $0, as: UInt16.self))
            }
        }
    }

    var raw: csimd_user_settings {
        var raw = csimd_user_settings()
        raw.notice_ms = notice?.milliseconds ?? Int64.max
        raw.links = links.rawValue
        raw.language = language.rawValue
        raw.regions_count = UInt16(regions.count)
        unsafe withUnsafeMutableBytes(of: &raw.regions) { bytes in
            for (index, period) in regions.enumerated() {
                unsafe bytes.storeBytes(
                    of: csimd_region_period(
                        from_ms: period.from.milliseconds, region: period.region.rawValue),
                    toByteOffset: index * MemoryLayout<csimd_region_period>.stride,
                    as: csimd_region_period.self)
            }
        }
        raw.is_configured = isConfigured
        raw.suppressed_count = UInt16(suppressed.count)
        unsafe withUnsafeMutableBytes(of: &raw.suppressed) { bytes in
            for (index, topic) in suppressed.enumerated() {
                unsafe bytes.storeBytes(
                    of: topic.rawValue, toByteOffset: 2 * index, as: UInt16.self)
            }
        }
        return raw
    }
}

extension Timestamp {
    /// A time that was checked when it was stored.
    init(stored milliseconds: Int64) {
        do throws(DomainError) {
            self = try Timestamp(milliseconds: milliseconds)
        } catch {
            preconditionFailure("a stored time is out of range: \(milliseconds)")
        }
    }
}
