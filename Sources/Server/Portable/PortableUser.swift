import Domain
import Engine

/// All that is held about a user.
struct PortableUser: Codable {
    var id: String
    /// Someone has set something, were it to what it is without.
    var isConfigured: Bool?
    var notice: String?
    var links: [String]?
    var language: String?
    /// Oldest first; the first holds backwards.
    var regions: [Period]?
    var suppressed: [String]?
    /// By class and product, each oldest first; those before that full rings keep in reserve.
    var signals: [Signal]?
    var impressions: [Impression]?

    struct Period: Codable {
        var from: String
        var region: String
    }

    struct Signal: Codable {
        var type: String
        var at: String
        var event: String?
        var product: String?
        /// About an item on a sensitive matter, as it was then.
        var isFlagged: Bool?
        var item: String?
        var topics: [Topic]?
        var space: String?
        var vector: [Int8]?
    }

    struct Topic: Codable {
        var topic: String
        /// In units of 1/255.
        var weight: UInt8
    }

    struct Impression: Codable {
        var item: String
        var isFlagged: Bool?
        /// Of those before the newest, the number and the latest time.
        var earlier: Int?
        var earlierLast: String?
        var newest: [Showing]
    }

    struct Showing: Codable {
        var at: String
        var event: String?
    }

    init(_ id: UserID, _ export: UserExport) {
        let settings = export.settings
        self.id = id.text
        isConfigured = export.isConfigured ? true : nil
        notice = settings.notice?.description
        links = settings.links.isEmpty ? nil : settings.links.map(\.text)
        language = settings.language == .unknown ? nil : settings.language.description
        let periods = settings.regions.map {
            Period(from: $0.from.description, region: $0.region.description)
        }
        regions = periods.isEmpty ? nil : periods
        suppressed = settings.suppressed.isEmpty ? nil : settings.suppressed
        let signals = (export.reserve + export.signals).map(Signal.init)
        self.signals = signals.isEmpty ? nil : signals
        let impressions = export.impressions.map(Impression.init)
        self.impressions = impressions.isEmpty ? nil : impressions
    }
}

extension PortableUser.Signal {
    init(_ signal: UserExport.Signal) {
        type = signal.type.word
        at = signal.at.description
        event = EventHash.text(signal.event)
        product = signal.product?.text
        isFlagged = signal.isFlagged ? true : nil
        switch signal.about {
        case .item(let id): item = id
        case .topics(let weights):
            topics = weights.map { PortableUser.Topic(topic: $0.name, weight: $0.weight) }
        case .vector(let space, let values):
            self.space = space.rawValue
            vector = values
        }
    }
}

extension PortableUser.Impression {
    init(_ impression: UserExport.Impression) {
        let earlierCount = impression.count - impression.newest.count
        item = impression.item
        isFlagged = impression.isFlagged ? true : nil
        earlier = earlierCount == 0 ? nil : earlierCount
        earlierLast = earlierCount == 0 ? nil : impression.earlierLast.description
        newest = impression.newest.map {
            PortableUser.Showing(at: $0.at.description, event: EventHash.text($0.event))
        }
    }
}

/// The hash of an event's identifier as 16 hexadecimal digits; 0 is none.
enum EventHash {
    static func text(_ hash: UInt64) -> String? {
        guard hash != 0 else { return nil }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    static func value(_ text: String?) throws(DomainError) -> UInt64 {
        guard let text else { return 0 }
        guard text.utf8.count == 16, let value = UInt64(text, radix: 16), value != 0 else {
            throw .setting("'\(text)' is no event's hash")
        }
        return value
    }
}
