import Domain

/// Everything that is held about a user, in words that the person could be sent.
package struct UserExport: Sendable, Equatable {
    package struct Signal: Sendable, Equatable {
        package enum About: Sendable, Equatable {
            case item(String)
            case topics([Topic])
            /// 127 stands for 1.
            case vector(Space, [Int8])
        }

        package struct Topic: Sendable, Equatable {
            package let name: String
            /// In units of 1/255.
            package let weight: UInt8
        }

        package let type: SignalType
        package let signals: SignalClass
        package let at: Timestamp
        package let about: About
        /// It was about an item on a sensitive matter when it came, and counts on no ad.
        package let isFlagged: Bool
        /// Of chats; `nil` when they named none.
        package let product: Product?
        /// What is kept of the event's identifier, a hash; 0 when it had none.
        package let event: UInt64
    }

    package struct Impression: Sendable, Equatable {
        /// One that is kept by itself; the earliest to come is the first.
        package struct Showing: Sendable, Equatable {
            package let at: Timestamp
            package let event: UInt64
        }

        package let item: String
        /// The item was on a sensitive matter when it was shown first.
        package let isFlagged: Bool
        package let count: Int
        package let last: Timestamp
        package let newest: [Showing]
        /// The latest time of those before the newest; no time when there are none.
        package let earlierLast: Timestamp
    }

    package let settings: Engine.UserDescription
    /// Someone has set something, were it to what it is without.
    package let isConfigured: Bool
    /// By class, chats by the name of their product, each oldest first.
    package let signals: [Signal]
    /// Older ones, in the same order, that full rings keep and nobody reads: a retraction brings the
    /// newest of a ring back.
    package let reserve: [Signal]
    /// By item.
    package let impressions: [Impression]
}

extension Engine {
    /// `nil` when nothing is held about the user.
    ///
    /// Its order tells nothing of what else the server holds or held: names stand in the order of
    /// their bytes, never of numbers that were given as they came.
    package func export(_ id: UserID, ranker: Ranker) -> UserExport? {
        let key = UserKey(id)
        let bytes = Array(id.text.utf8)
        // One lock over both, so that the catalogue has every item that the profile names.
        let isKnown = writer.withLock { _ in
            ranker.pinCatalogue()
            return withShard(of: key.hash) { shard in
                ranker.copyWholeProfile(of: shard, hash: key.hash, id: bytes.span)
                return shard.settings(of: key) != nil
            }
        }
        defer { ranker.unpinCatalogue() }
        guard isKnown else { return nil }
        let setup = setup
        return UserExport(
            settings: description(of: ranker, setup: setup),
            isConfigured: ranker.settings.isConfigured,
            signals: exportedSignals(of: ranker, setup: setup) { ranker.ring(at: $0).signals },
            reserve: exportedSignals(of: ranker, setup: setup, ranker.reserve(ofRingAt:)),
            impressions: ranker.impressions.map { impression in
                UserExport.Impression(
                    item: name(ofItem: impression.slot, ranker: ranker),
                    isFlagged: impression.isFlagged, count: impression.count, last: impression.last,
                    newest: impression.newest,
                    earlierLast: impression.earlierLast)
            }.sorted { $0.item.utf8.lexicographicallyPrecedes($1.item.utf8) })
    }

    /// - Parameter indices: Those of a ring, by its number.
    private func exportedSignals(
        of ranker: Ranker, setup: Setup, _ indices: (Int) -> Range<Int>
    ) -> [UserExport.Signal] {
        let numbers = (0..<ranker.ringsCount).sorted {
            let (left, right) = (ranker.ring(at: $0).ring, ranker.ring(at: $1).ring)
            return order(of: left, setup) < order(of: right, setup)
        }
        return numbers.flatMap { number in
            let ring = ranker.ring(at: number).ring
            return indices(number).map { exported($0, of: ring, ranker: ranker, setup: setup) }
        }
    }

    /// By class, flagged ones last, and chats by the name of their product.
    private func order(of ring: Ring, _ setup: Setup) -> (UInt8, Int, UInt8) {
        (ring.signalClass.rawValue, ring.isFlagged ? 1 : 0, setup.place(of: ring.product))
    }

    private func exported(
        _ index: Int, of ring: Ring, ranker: Ranker, setup: Setup
    ) -> UserExport.Signal {
        let signal = ranker.signal(at: index)
        let about: UserExport.Signal.About =
            switch signal.about {
            case .item(let slot): .item(name(ofItem: slot, ranker: ranker))
            case .topics(let weights):
                .topics(weights.map { .init(name: topics.name(of: $0.topic), weight: $0.weight) })
            case .vector(let space):
                .vector(
                    space,
                    ranker.vector(
                        ofSignal: index,
                        count: space == .text ? Limits.textDimension : tasteDimension))
            }
        return UserExport.Signal(
            type: signal.type, signals: ring.signalClass, at: signal.at, about: about,
            isFlagged: ring.isFlagged, product: setup.name(of: ring.product), event: signal.event)
    }

    private func name(ofItem slot: UInt32, ranker: Ranker) -> String {
        guard let view = ranker.view(of: slot) else {
            preconditionFailure("a profile keeps the items that it names")
        }
        return view.id
    }
}
