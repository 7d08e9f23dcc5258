import Domain

/// What sort of logs a property wants.
struct Mix {
    enum Kind: CaseIterable {
        case chat, comment, act, user, item, removeItem, suppress, unsuppress, retract, forget
        case surface, policy, request, export
    }

    /// How often each kind of command comes, in parts of their sum.
    var parts: [(Kind, Int)]
    /// Commands behind the items and users that each log begins with.
    var lengths = 8...22
    /// Whether an event's name may come again, which the policy takes for the same event.
    var repeatsEvents = true
    /// Whether messages are about one topic at most.
    var isPlain = false
    /// What a user may do more of than a ring shows; each in some logs.
    var bursts: [Burst] = []
    /// Settings of surfaces that may change.
    var settings: [SurfaceSetting] = [
        .product("web"), .product("lens"), .product("app"), .chatWeight(2), .chatsCount(2),
        .behaviourCount(2), .chatHalfLifeDays(1), .chatsLinear(true), .chatsLinear(false),
    ]
    /// The instants of everything; `nil` for those around which things change.
    var instants: [Int64]?
    /// Where chats come from.
    var products: [String?] = [nil, "app", "app", "web", "lens", "maps"]
    /// Whom logs are about.
    var users = World.users
    /// Turns what is known of a user from the beginning into what the property wants.
    var arrive: @Sendable (inout UserCommand) -> Void = { _ in }
    /// Requests behind everything.
    var lastRequests = 2
    /// Turns a change of a user's settings into one that the property is about.
    var change: @Sendable (inout UserCommand, inout SeededRandom) -> Void = { _, _ in }

    static let everything = Mix(parts: [
        (.chat, 14), (.comment, 2), (.act, 8), (.user, 4), (.item, 2), (.removeItem, 1),
        (.suppress, 1), (.unsuppress, 1), (.retract, 2), (.forget, 1), (.surface, 1), (.policy, 1),
        (.request, 6), (.export, 1),
    ])
}

/// Makes random logs: the same from the same numbers.
struct Generator {
    let world: World
    let mix: Mix
    var random: SeededRandom
    private var eventsCount = 0
    /// Regions that were set of each user: a history of more than `Limits.regionHistoryMax` forgets.
    private var movesCounts: [String: Int] = [:]
    private let kinds: [Mix.Kind]

    init(world: World, mix: Mix, random: SeededRandom) {
        self.world = world
        self.mix = mix
        self.random = random
        kinds = mix.parts.flatMap { Array(repeating: $0.0, count: $0.1) }
    }

    mutating func log() -> Log {
        var log = Log()
        for item in World.items { log.append(.item(self.item(item)), at: 0) }
        for user in mix.users { append(arrivalOf: user, to: &log) }
        let length = mix.lengths.lowerBound + random.below(mix.lengths.count)
        for _ in 0..<length { append(random.pick(kinds), to: &log) }
        if !mix.bursts.isEmpty && random.chance(oneIn: 24) {
            appendBurst(random.pick(mix.bursts), to: &log)
        }
        for _ in 0..<mix.lastRequests { appendRequest(to: &log) }
        return log
    }

    // MARK: Instants

    /// The instants around which things change.
    private static let anchors = [0, 5, 10, 20].map { Rule.effectiveInstant + $0 * Rule.day }

    /// Near an instant that matters, now and then absurd.
    mutating func time() -> Int64 {
        if let instants = mix.instants { return random.pick(instants) }
        switch random.below(16) {
        case 0..<8: return random.pick(Self.anchors) + Int64(random.below(3) - 1)
        case 8: return random.pick([0, 1, Limits.timeMillisecondsMax])
        default:
            return Rule.effectiveInstant + Int64(random.below(34)) * Rule.day - 2 * Rule.day
                + Int64(random.below(86_400_000))
        }
    }

    /// The clock of a request: mostly after everything.
    mutating func clock() -> Int64 {
        random.below(3) == 0 ? time() : Rule.effectiveInstant + 40 * Rule.day
    }

    // MARK: Commands

    private mutating func append(_ kind: Mix.Kind, to log: inout Log) {
        let user = random.pick(mix.users)
        let topic = random.below(world.namedTopics.count)
        switch kind {
        case .chat: log.append(.say(saying(of: user, .chat)), at: time())
        case .comment: log.append(.say(saying(of: user, .comment)), at: time())
        case .act: log.append(.act(act(of: user)), at: time())
        case .user: log.append(.user(change(of: user)), at: time())
        case .item: log.append(.item(item(random.pick(World.items))), at: 0)
        case .removeItem: log.append(.removeItem(random.pick(World.items).id), at: 0)
        case .suppress: log.append(.suppress(user: user, topic: topic), at: 0)
        case .unsuppress: log.append(.unsuppress(user: user, topic: topic), at: 0)
        case .retract: append(retractionBy: user, to: &log)
        case .forget: log.append(.forget(user: user), at: 0)
        case .surface:
            log.append(.surface(random.pick(World.surfaces), random.pick(mix.settings)), at: 0)
        case .policy: log.append(.policy(random.below(Rule.all.count)), at: 0)
        case .request: appendRequest(to: &log)
        case .export: log.append(.export(user: user), at: 0)
        }
    }

    private mutating func item(_ item: World.Item) -> ItemCommand {
        let texts = item.isFlagged ? world.flaggedTexts : world.plainTexts
        return ItemCommand(
            id: item.id, text: random.pick(texts),
            bid: Int64(1 + random.below(4)) * 1_000_000)
    }

    /// What most logs know of a user from the beginning: not always enough to use a chat.
    private mutating func append(arrivalOf user: String, to log: inout Log) {
        var change = UserCommand(user: user)
        change.region = random.pick(["US", "US", "US", "US", "CA", "KR", "unknown", nil])
        change.notice = random.pick([
            Rule.effectiveInstant - 60 * Rule.day, Rule.effectiveInstant - 60 * Rule.day,
            Rule.effectiveInstant - 60 * Rule.day, Self.anchors[1], nil,
        ])
        change.links = random.pick([
            nil, ["app", "lens"], ["app", "web", "lens"], ["web", "app"],
        ])
        mix.arrive(&change)
        log.append(.user(change), at: 0)
    }

    private mutating func change(of user: String) -> UserCommand {
        var change = UserCommand(user: user)
        switch random.below(6) {
        case 0..<3: change.region = random.pick(["US", "CA", "CH", "KR", "DE", "GB", "unknown"])
        case 3: change.notice = random.pick(Self.anchors) + Int64(random.below(3) - 1)
        default:
            change.links = random.pick([
                [], ["app", "lens"], ["maps", "web", "lens"], ["app", "maps"],
            ])
        }
        mix.change(&change, &random)
        if change.region != nil {
            movesCounts[user, default: 1] += 1
            if movesCounts[user, default: 1] > Limits.regionHistoryMax { change.region = nil }
        }
        return change
    }

    /// A name for an event: of a few that come again, or a new one.
    private mutating func event() -> String? {
        if mix.repeatsEvents { return random.pick([nil, "e1", "e2", "e3", "e4"]) }
        if random.below(4) == 0 { return nil }
        return newEvent()
    }

    mutating func newEvent() -> String {
        eventsCount += 1
        return "n\(eventsCount)"
    }

    private mutating func act(of user: String) -> ActCommand {
        let types: [SignalType] = [
            .like, .like, .follow, .click, .share, .purchase, .view, .hide, .report, .impression,
        ]
        var act = ActCommand(
            user: user, type: random.pick(types), item: random.pick(World.items).id)
        // A showing that others of the item have followed forgets its event, so none comes twice.
        act.event = act.type == .impression ? newEvent() : event()
        return act
    }

    mutating func saying(of user: String, _ type: SignalType) -> SayCommand {
        let messages = mix.isPlain ? world.plainMessages : world.usableMessages
        let about: SayCommand.About =
            switch random.below(12) {
            case 0..<6 where !messages.isEmpty: .message(random.pick(messages))
            case 6..<9: .message(random.pick(world.unusableMessages))
            case 9: .item(random.pick(World.items).id)
            case 10 where type == .chat: .vector
            default: .topic(random.below(world.namedTopics.count))
            }
        var saying = SayCommand(user: user, type: type, about: about)
        saying.isSpoken = random.chance(oneIn: 2)
        saying.product = random.pick(mix.products)
        if random.chance(oneIn: 12) { saying.label = random.pick(SensitiveLabel.allCases) }
        saying.event = event()
        return saying
    }

    /// Mostly of an event that has come.
    private mutating func append(retractionBy user: String, to log: inout Log) {
        let events = log.steps.compactMap { step -> (String, String)? in
            switch step.command {
            case .act(let act): act.event.map { (act.user, $0) }
            case .say(let saying): saying.event.map { (saying.user, $0) }
            default: nil
            }
        }
        let chosen = events.isEmpty ? (user, "e1") : random.pick(events)
        log.append(.retract(user: chosen.0, event: chosen.1), at: 0)
    }

    mutating func appendRequest(to log: inout Log) {
        var request = RequestCommand(
            user: random.pick(mix.users),
            surface: random.pick([World.ads, World.ads, World.shop, World.feed]))
        if random.chance(oneIn: 6) { request.region = random.pick(["US", "KR", "FR", "unknown"]) }
        if random.chance(oneIn: 3) {
            request.contexts = [
                random.pick([
                    .message(random.below(world.messages.count)),
                    .topic(random.below(world.namedTopics.count)),
                    .item(random.pick(World.items).id),
                ])
            ]
        }
        let item = random.pick(World.items).id
        switch random.below(8) {
        case 0..<3: log.append(.rank(request, given: nil, top: 1 + random.below(9)), at: clock())
        case 3:
            let given = [item, random.pick(World.items).id, "no-such-item"]
            log.append(.rank(request, given: given, top: 10), at: clock())
        case 4..<7: log.append(.explain(request, item: item), at: clock())
        default: log.append(.whyNot(request, item: item), at: clock())
        }
    }
}
