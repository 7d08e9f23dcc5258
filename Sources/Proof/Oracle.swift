import Domain

/// Reads the announced rule off a log, simply and without the policy or the engine: which signals are
/// kept out and why, and which chats may count in a request. The engine is held to it.
struct Oracle {
    enum Verdict: Equatable {
        case used
        /// By the gate of this name.
        case ignored(String)
        /// As an error: there is no such item, or the time is far ahead.
        case refused
    }

    /// A chat that is held, or was when it came.
    struct Chat {
        let place: Int
        let user: String
        let at: Int64
        let product: String?
        let topics: [TopicWeight]
        let event: String?
    }

    private struct User {
        /// In the order of time, none twice at one instant.
        var regions: [(from: Int64, region: String)] = []
        var notice: Int64?
        var links: [String] = []
        var suppressed: Set<Int> = []
        /// Of each product the newest that are held, in the order of time.
        var chats: [Chat] = []
        /// The latest instant of a chat that had no room, by product.
        var lost: [String?: Int64] = [:]
        /// Events of signals that are no chats.
        var events: Set<String> = []
    }

    let world: World
    /// The server's clock.
    let now: Int64
    /// The products of surfaces that are not the world's; `nil` takes no chat that names a product.
    let otherProducts: [String?]
    private(set) var rule = Rule.all[0]
    private var users: [String: User] = [:]
    private var items: Set<String> = []
    private(set) var surfaceProducts = [
        World.ads: "app", World.shop: "web", World.feed: "app",
    ]
    /// Some user has said more to one product than requests look at.
    private(set) var hasWrapped = false

    /// Chats to one product that count, and older ones that are held behind them, so that those
    /// which are taken back leave no gap.
    private static let chatsVisible = 64
    private static let chatsHeld = 96

    init(world: World, now: Int64, otherProducts: [String?] = []) {
        self.world = world
        self.otherProducts = otherProducts
        self.now = now
    }

    // MARK: A log, step by step

    /// What must become of the step, if it is a signal.
    mutating func take(_ step: Step, place: Int) -> Verdict? {
        switch step.command {
        case .item(let item): items.insert(item.id)
        case .removeItem(let id): items.remove(id)
        case .user(let change): set(change, at: step.at)
        case .act(let act): return take(act, at: step.at)
        case .say(let saying): return take(saying, at: step.at, place: place)
        case .suppress(let user, let topic):
            users[user, default: User()].suppressed.insert(world.namedTopics[topic])
        case .unsuppress(let user, let topic):
            users[user]?.suppressed.remove(world.namedTopics[topic])
        case .retract(let user, let event):
            users[user]?.chats.removeAll { $0.event == event }
            users[user]?.events.remove(event)
        case .forget(let user): users[user] = nil
        case .surface(let name, .product(let product)): surfaceProducts[name] = product
        case .policy(let number): rule = Rule.all[number]
        case .surface, .rank, .explain, .whyNot, .export: break
        }
        return nil
    }

    private mutating func set(_ change: UserCommand, at time: Int64) {
        var user = users[change.user, default: User()]
        if let region = change.region {
            user.regions.removeAll { $0.from == time }
            let place = user.regions.firstIndex { $0.from > time } ?? user.regions.count
            user.regions.insert((time, region), at: place)
        }
        if let notice = change.notice { user.notice = notice }
        if let links = change.links { user.links = links }
        users[change.user] = user
    }

    private mutating func take(_ act: ActCommand, at time: Int64) -> Verdict {
        if isTooFarAhead(time) { return .refused }
        if knows(act.event, of: act.user) { return .ignored("duplicate") }
        guard items.contains(act.item) else { return .refused }
        if let event = act.event { users[act.user, default: User()].events.insert(event) }
        return .used
    }

    private mutating func take(_ saying: SayCommand, at time: Int64, place: Int) -> Verdict {
        if isTooFarAhead(time) { return .refused }
        if knows(saying.event, of: saying.user) { return .ignored("duplicate") }
        if case .item(let id) = saying.about, !items.contains(id) { return .refused }
        if saying.type == .chat, let gate = circumstancesGate(of: saying, at: time) {
            return .ignored(gate)
        }
        if let gate = contentGate(of: saying) { return .ignored(gate) }
        if saying.type == .chat {
            keep(
                Chat(
                    place: place, user: saying.user, at: time, product: saying.product,
                    topics: topics(of: saying.about), event: saying.event))
        } else if let event = saying.event {
            users[saying.user, default: User()].events.insert(event)
        }
        return .used
    }

    private func isTooFarAhead(_ time: Int64) -> Bool { time - now > 24 * 3_600 * 1_000 }

    private func knows(_ event: String?, of name: String) -> Bool {
        guard let event, let user = users[name] else { return false }
        return user.events.contains(event) || user.chats.contains { $0.event == event }
    }

    // MARK: The announced rule

    /// Who says it, when, where, and to which product.
    private func circumstancesGate(of saying: SayCommand, at time: Int64) -> String? {
        let user = users[saying.user] ?? User()
        if rule.excludes(region(of: user, at: time)) { return "region" }
        if time < rule.effective { return "effective" }
        guard let notice = user.notice, notice <= time else { return "notice" }
        guard let product = saying.product else { return nil }
        let surfaces = otherProducts + surfaceProducts.values.map(Optional.some)
        let reaches = surfaces.contains { own in
            own.map { isLinked(product, $0, for: user) } ?? false
        }
        return reaches ? nil : "link"
    }

    /// What it says.
    private func contentGate(of saying: SayCommand) -> String? {
        switch saying.about {
        case .message(let number):
            return Self.wordsGate(of: world.messages[number].heard, isLabelled: saying.label != nil)
        case .topic: return saying.label == nil ? nil : "sensitive"
        case .item, .vector:
            if saying.label != nil { return "sensitive" }
            return saying.type == .chat ? "no-topic" : nil
        }
    }

    /// What cannot be told counts as sensitive, and what is neither must be about a listed topic.
    static func wordsGate(of heard: Heard, isLabelled: Bool = false) -> String? {
        if !heard.isKnownLanguage { return "language" }
        if isLabelled || heard.sensitive != nil || !heard.isJudged { return "sensitive" }
        return heard.topics.isEmpty ? "no-topic" : nil
    }

    /// The first known region holds backwards, each later one from its instant.
    private func region(of user: User, at time: Int64) -> String {
        let earlier = user.regions.last { $0.from <= time }
        return (earlier ?? user.regions.first)?.region ?? "unknown"
    }

    private func isLinked(_ product: String, _ other: String, for user: User) -> Bool {
        if product == other { return true }
        return rule.crossesLinks && user.links.contains(product) && user.links.contains(other)
    }

    func topics(of about: SayCommand.About) -> [TopicWeight] {
        switch about {
        case .message(let number): world.messages[number].heard.topics
        case .topic(let number):
            [
                TopicWeight(
                    topic: TopicID(rawValue: UInt16(world.namedTopics[number])), weight: .max)
            ]
        case .item, .vector: []
        }
    }

    /// Each product's chats are the newest, in the order of time; a later one of the same instant is
    /// the newer. What is older than one that had no room has none either.
    private mutating func keep(_ chat: Chat) {
        var user = users[chat.user, default: User()]
        guard chat.at >= user.lost[chat.product] ?? 0 else { return }
        let place = user.chats.firstIndex { $0.at > chat.at } ?? user.chats.count
        user.chats.insert(chat, at: place)
        let count = user.chats.count { $0.product == chat.product }
        if count > Self.chatsVisible { hasWrapped = true }
        if count > Self.chatsHeld,
            let oldest = user.chats.firstIndex(where: { $0.product == chat.product })
        {
            user.lost[chat.product] = user.chats[oldest].at
            user.chats.remove(at: oldest)
        }
        users[chat.user] = user
    }

    // MARK: At a request

    /// Every chat that is held; only asked where none has wrapped.
    var chats: [Chat] { users.values.flatMap(\.chats) }

    /// The topics that the user has suppressed.
    func suppressed(by user: String) -> Set<Int> { users[user]?.suppressed ?? [] }

    /// The user's chats that may count in a request, newest first.
    func eligibleChats(for request: RequestCommand, at clock: Int64) -> [Chat] {
        guard let user = users[request.user] else { return [] }
        if let region = request.region, rule.excludes(region) { return [] }
        if rule.excludes(region(of: user, at: clock)) { return [] }
        return user.chats.reversed().filter { chat in
            guard chat.at <= clock, chat.at >= rule.effective,
                let notice = user.notice, notice <= chat.at,
                !rule.excludes(region(of: user, at: chat.at))
            else { return false }
            guard let product = chat.product else { return true }
            guard let own = surfaceProducts[request.surface] else { return false }
            return isLinked(product, own, for: user)
        }
    }
}
