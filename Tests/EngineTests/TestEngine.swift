import Domain
import Policy

@testable import Engine

/// An engine with a ranker of its own and a small world, spoken to in plain words.
///
/// Two surfaces: `ads` ranks kind `ad`, `feed` ranks kind `post` on the content lane. Topics are
/// directions at right angles. Times are milliseconds since the start of 2026.
struct TestEngine {
    static let topics = ["hiking", "cello", "cooking", "cars"]
    static let tasteDimension = 20
    static let start: Int64 = 1_767_225_600_000

    let engine: Engine
    let ranker: Ranker

    /// - Parameter adjust: Changes the surfaces before the engine is made.
    init(
        tasteDimension: Int = TestEngine.tasteDimension, shards: Int = 4,
        product: String? = nil, adjust: (inout [Surface]) throws -> Void = { _ in }
    ) throws {
        var options = EngineOptions(policyDigest: "test")
        options.tasteDimension = tasteDimension
        options.shardsCount = shards
        options.topics = Self.topics.enumerated().map { ($1, Self.row(ofTopic: $0)) }
        options.surfaces = [
            try Self.surface("ads", lane: .ads, kind: "ad"),
            try Self.surface("feed", lane: .content, kind: "post"),
        ]
        if let product {
            for index in options.surfaces.indices {
                options.surfaces[index].product = try Product(product)
            }
        }
        try adjust(&options.surfaces)
        engine = try Engine(options)
        ranker = try engine.makeRanker()
    }

    /// The same engine for another thread, with a ranker of its own.
    init(sharing engine: Engine) throws {
        self.engine = engine
        ranker = try engine.makeRanker()
    }

    private static func surface(_ name: String, lane: Lane, kind: String) throws -> Surface {
        var surface = Surface(name: try SurfaceName(name))
        surface.lane = lane
        surface.kinds = [try Kind(kind)]
        for term in Term.allCases { surface.weights[term] = 1 }
        surface.weights[.negativeText] = -1
        surface.weights[.negativeTaste] = -1
        surface.weights[.chatText] = 3
        surface.weights[.fatigue] = -0.25
        return surface
    }

    static func row(ofTopic number: Int) -> TextRow {
        var row = TextRow.zero
        row[number * 8] = 127
        return row
    }

    static func row(of topic: String) -> TextRow {
        row(ofTopic: topics.firstIndex(of: topic) ?? 0)
    }

    func time(_ milliseconds: Int64) throws -> Timestamp {
        try Timestamp(milliseconds: Self.start + milliseconds)
    }

    // MARK: Items

    func add(
        _ id: String, kind: String = "ad", about topic: String? = nil, bid: Int64 = 1_000_000,
        sensitive: SensitiveLabel? = nil, isStaged: Bool = false,
        _ change: (inout ItemDraft) throws -> Void = { _ in }
    ) throws {
        var draft = ItemDraft(id: try ItemID(id), kind: try Kind(kind))
        draft.bidMicros = bid
        try change(&draft)
        try engine.add(
            draft, textRow: topic.map(Self.row(of:)), sensitive: sensitive, isStaged: isStaged)
    }

    @discardableResult
    func remove(_ ids: String..., isStaged: Bool = false) throws -> Int {
        var items: [ItemID] = []
        for id in ids { items.append(try ItemID(id)) }
        return try engine.remove(items, isStaged: isStaged)
    }

    func item(_ id: String) throws -> ItemView? { engine.item(try ItemID(id), ranker: ranker) }

    // MARK: Users

    func set(
        _ user: String, region: String? = nil, notice: Int64? = nil, links: [String]? = nil,
        language: String? = nil, at: Int64? = nil, now: Int64 = 0
    ) throws {
        var change = UserChange(user: try UserID(user))
        change.region = try region.map { try Region($0) }
        change.notice = try notice.map(time)
        change.links = try links?.map { try Product($0) }
        change.language = try language.map { try Language($0) }
        change.at = try at.map(time)
        try engine.set(change, now: try time(now))
    }

    func user(_ user: String) throws -> Engine.UserDescription? {
        engine.user(try UserID(user), ranker: ranker)
    }

    // MARK: Controls

    @discardableResult
    func suppress(_ user: String, _ topic: String) throws -> Bool {
        try engine.suppress(topic, for: try UserID(user))
    }

    @discardableResult
    func unsuppress(_ user: String, _ topic: String) throws -> Bool {
        try engine.unsuppress(topic, for: try UserID(user))
    }

    @discardableResult
    func retract(_ user: String, _ event: String) throws -> Bool {
        try engine.retract(try EventID(event), of: try UserID(user))
    }

    @discardableResult
    func forget(_ user: String) throws -> Bool { try engine.forget(try UserID(user)) }

    func export(_ user: String) throws -> UserExport? {
        engine.export(try UserID(user), ranker: ranker)
    }

    // MARK: Signals

    @discardableResult
    func signal(
        _ user: String, _ type: SignalType, _ item: String, at: Int64, event: String? = nil,
        _ change: (inout SignalDraft) throws -> Void = { _ in }
    ) throws -> Gate? {
        try take(user, type, .item(try ItemID(item)), reading: nil, at: at, event: event, change)
    }

    /// A chat whose text the model read as `topics`.
    @discardableResult
    func chat(
        _ user: String, _ topics: String..., at: Int64, event: String? = nil,
        sensitive: SensitiveLabel? = nil, isClear: Bool = true,
        _ change: (inout SignalDraft) throws -> Void = { _ in }
    ) throws -> Gate? {
        let reading = MessageReading(
            language: isClear ? .known : .unclear, sensitive: sensitive,
            topics: topics.map { weight(of: $0) })
        return try take(
            user, .chat, .text("..."), reading: reading, at: at, event: event, change)
    }

    func take(
        _ user: String, _ type: SignalType, _ about: SignalDraft.About, reading: MessageReading?,
        at: Int64, event: String? = nil, _ change: (inout SignalDraft) throws -> Void = { _ in }
    ) throws -> Gate? {
        var draft = SignalDraft(user: try UserID(user), type: type, about: about)
        draft.at = try time(at)
        draft.event = try event.map { try EventID($0) }
        try change(&draft)
        return try engine.take(draft, reading: reading, now: try time(at))
    }

    func weight(of topic: String, _ weight: UInt8 = 255) -> TopicWeight {
        TopicWeight(
            topic: TopicID(rawValue: UInt16(Self.topics.firstIndex(of: topic) ?? 0)),
            weight: weight)
    }

    /// Somebody in the United States who was told at the start of 2026.
    func welcome(_ user: String) throws { try set(user, region: "US", notice: 0) }
}
