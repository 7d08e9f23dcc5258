import Domain

/// What a bid request means: for whom, where and amid what to rank, and which ads may be offered for
/// which impression. A value, made by `BidPlan.init(_:settings:clock:)`.
package struct BidPlan: Sendable, Equatable {
    /// Whose signals count, or why no one's do.
    package enum Person: Sendable, Equatable {
        case known(UserID)
        /// The request names nobody that Cairn could know.
        case unnamed
        case withheld(Reason)

        /// What says that personal signals must not be used, in the order in which it is asked.
        package enum Reason: String, Sendable {
            case coppa, gdpr, gpp
            case usPrivacy = "us_privacy"
            /// `device.dnt` or `device.lmt`.
            case device
        }
    }

    /// An impression that can be bid for.
    package struct Slot: Sendable, Equatable {
        /// `imp.id`
        package let id: String
        /// The least price, in micros of the currency per thousand.
        package let floorMicros: Int64
    }

    package let requestID: String
    package let person: Person
    /// Where the request comes from, which can only restrict; `nil` when it does not say.
    package let region: Region?
    /// Which language the person reads; `nil` when it does not say.
    package let language: Language?
    package let clock: Timestamp
    /// Time to answer, in microseconds; `nil` is no limit.
    package let budgetMicroseconds: Int?
    /// What stands around the ad, in pieces: each must pass the walls of any context text.
    package let texts: [String]
    /// In the order of the request.
    package let slots: [Slot]
    package let wishes: PublisherWishes
}

extension BidPlan {
    package init(_ request: BidRequest, settings: BidSettings, clock: Timestamp) {
        requestID = request.id
        person = Person(request, settings: settings)
        region = request.device.region ?? request.user.region
        language = request.device.language
        self.clock = clock
        budgetMicroseconds = request.millisecondsMax.map {
            max(0, $0 - settings.marginMilliseconds) * 1_000
        }
        texts = request.place.map(Self.texts(around:)) ?? []
        slots = request.takesBids(of: settings) ? request.slots(in: settings.currency) : []
        wishes = PublisherWishes(request)
    }

    /// The title, and the keywords of the content and of what it is in.
    private static func texts(around place: BidRequest.Place) -> [String] {
        let pieces = [
            place.content.title ?? "", place.content.keywords.joined(separator: ", "),
            place.keywords.joined(separator: ", "),
        ]
        return pieces.filter { !$0.isEmpty }
    }
}

extension BidPlan.Person {
    fileprivate init(_ request: BidRequest, settings: BidSettings) {
        if let reason = request.reasonToWithhold(settings) {
            self = .withheld(reason)
            return
        }
        // The bidder's own name of the person, else the exchange's.
        for name in [request.user.buyerID, request.user.id] {
            if let name, let id = try? UserID(name) {
                self = .known(id)
                return
            }
        }
        self = .unnamed
    }
}

extension BidRequest {
    fileprivate func reasonToWithhold(_ settings: BidSettings) -> BidPlan.Person.Reason? {
        if regulations.isForChildren { return .coppa }
        if regulations.isUnderGDPR && !settings.allowsGDPR { return .gdpr }
        if !regulations.gppAllowsPersonalSignals(settings) { return .gpp }
        if let text = regulations.usPrivacy, !USPrivacyString.allowsPersonalSignals(text) {
            return .usPrivacy
        }
        return device.asksNotToTrack ? .device : nil
    }

    /// Whether the seat and its currency are welcome.
    fileprivate func takesBids(of settings: BidSettings) -> Bool {
        (allowedSeats.isEmpty || allowedSeats.contains(settings.seat))
            && !blockedSeats.contains(settings.seat)
            && (currencies.isEmpty || currencies.contains { $0.isCurrency(settings.currency) })
    }

    /// A private auction takes bids for its deals only, and there are none; a floor in another
    /// currency cannot be compared.
    fileprivate func slots(in currency: String) -> [BidPlan.Slot] {
        impressions.compactMap { impression in
            guard !impression.isPrivate else { return nil }
            guard impression.floor == 0 || impression.floorCurrency.isCurrency(currency) else {
                return nil
            }
            return BidPlan.Slot(id: impression.id, floorMicros: impression.floorMicros)
        }
    }
}

extension BidRequest.Regulations {
    /// Without any word of the platform it says nothing; with sections that apply and no string, the
    /// string cannot be read.
    fileprivate func gppAllowsPersonalSignals(_ settings: BidSettings) -> Bool {
        guard let text = gpp, !text.isEmpty else {
            return (gppSections ?? []).allSatisfy { $0 == -1 }
        }
        return GPPString(text)?.allowsPersonalSignals(
            applicable: gppSections, allowsGDPR: settings.allowsGDPR) ?? false
    }
}

extension BidRequest.Impression {
    /// The least whole number of micros whose price is not below the floor.
    fileprivate var floorMicros: Int64 {
        guard floor < Limits.bidFloorMax else { return Int64(Limits.bidFloorMax) * 1_000_000 }
        let micros = (floor * 1_000_000).rounded()
        return Int64(micros) + (micros / 1_000_000 < floor ? 1 : 0)
    }
}

extension String {
    fileprivate func isCurrency(_ currency: String) -> Bool {
        uppercased() == currency.uppercased()
    }
}
