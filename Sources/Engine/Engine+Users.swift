import Domain

/// Users' settings: where they are, what they were told, which accounts they linked.
extension Engine {
    /// What is held about a user besides signals, in the server's words.
    package struct UserDescription: Sendable, Equatable {
        package var notice: Timestamp?
        /// In the order of names.
        package var links: [Product] = []
        package var language = Language.unknown
        /// Oldest first; the first holds backwards.
        package var regions: [(from: Timestamp, region: Region)] = []
        /// Names of topics, in the order of the closed list.
        package var suppressed: [String] = []
        package var signals: [(signals: SignalClass, count: Int)] = []

        package static func == (left: UserDescription, right: UserDescription) -> Bool {
            left.notice == right.notice && left.links == right.links
                && left.language == right.language
                && left.regions.elementsEqual(right.regions, by: ==)
                && left.suppressed == right.suppressed
                && left.signals.elementsEqual(right.signals, by: ==)
        }
    }

    /// Decides about a user's settings; the user is made when new.
    package func prepare(
        setting change: UserChange, now: Timestamp
    ) throws(EngineError) -> Prepared<Void> {
        let addsToSetup = try checkRoom(for: change.links ?? [])
        var resolved = change
        resolved.at = change.region == nil ? nil : change.at ?? now
        return Prepared(.setUser(resolved), addsToSetup: addsToSetup)
    }

    /// Throws when the products are more than get numbers; whether any is new.
    func checkRoom(for products: [Product]) throws(EngineError) -> Bool {
        let before = setup
        var after = before
        for product in products { after = try after.adding(product) }
        return after !== before
    }

    /// `nil` when nothing is held about the user.
    package func user(_ id: UserID, ranker: Ranker) -> UserDescription? {
        let key = UserKey(id)
        let bytes = Array(id.text.utf8)
        let isKnown = withShard(of: key.hash) { shard in
            ranker.copyProfile(of: shard, hash: key.hash, id: bytes.span)
            return shard.settings(of: key) != nil
        }
        guard isKnown else { return nil }
        return description(of: ranker, setup: setup)
    }

    /// What the ranker's copied profile says.
    func description(of ranker: Ranker, setup: Setup) -> UserDescription {
        let settings = ranker.settings
        var counts = PerCase<SignalClass, Int>(repeating: 0)
        for index in 0..<ranker.ringsCount {
            let (ring, signals) = ranker.ring(at: index)
            counts[ring.signalClass] += signals.count
        }
        return UserDescription(
            notice: settings.notice,
            links: setup.products(in: settings.links).sorted { $0.text < $1.text },
            language: settings.language, regions: settings.regions.map { ($0.from, $0.region) },
            suppressed: settings.suppressed.map(topics.name(of:)),
            signals: SignalClass.allCases.filter { $0 != .context }.map { ($0, counts[$0]) })
    }
}

extension UserShard.Settings {
    /// - Parameter change: Its time is there when its region is.
    mutating func apply(_ change: UserChange, links: ProductSet?) {
        if let region = change.region, let at = change.at { move(to: region, from: at) }
        if let notice = change.notice { self.notice = notice }
        if let language = change.language { self.language = language }
        if let links { self.links = links }
        isConfigured = true
    }

    /// The region at an instant: the first known one holds backwards.
    func region(at time: Timestamp) -> Region {
        let earlier = regions.last { $0.from <= time }
        return (earlier ?? regions.first)?.region ?? .unknown
    }

    /// Records that the user is in the region from an instant on.
    ///
    /// The same region again is kept too, for a change may still come that was before it. A history
    /// that is full forgets its oldest repetition, or else its oldest change, and what lay there
    /// becomes unknown: a region that is not known is treated as an excluded one.
    mutating func move(to region: Region, from time: Timestamp) {
        if let index = regions.firstIndex(where: { $0.from == time }) {
            regions[index].region = region
            return
        }
        let index = regions.firstIndex { $0.from > time } ?? regions.count
        regions.insert(Period(from: time, region: region), at: index)
        guard regions.count > Limits.regionHistoryMax else { return }
        let repetition = regions.indices.dropFirst().first {
            regions[$0].region == regions[$0 - 1].region
        }
        if let repetition {
            regions.remove(at: repetition)
        } else {
            regions.remove(at: 1)
            regions[0].region = .unknown
        }
    }
}
