import Domain
import Policy

@testable import Engine

/// Random steps that touch everything a server holds, each to be played in several worlds alike.
///
/// Few identifiers and few instants, so that ties, replacements, overflows and repeated events are
/// common: more items than a user has counters of impressions, and small numbers of everything else.
struct StateHistory {
    /// Does something in a world; says how it went.
    typealias Step = (TestEngine) throws -> String

    static let items = (0..<90).map { $0 % 3 == 0 ? "\($0)" : "item-\($0)" }
    static let users = (0..<9).map { $0 % 2 == 0 ? "user-\($0)" : "\($0)" }
    static let clocks: [Int64] = [0, 40, 80, 120]
    static let surfaces = ["ads", "feed", "groups"]

    var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    /// Plays the next steps in all worlds; returns what went differently in one than in the first.
    mutating func play(_ count: Int, in worlds: TestEngine...) -> [String] {
        var differences: [String] = []
        for number in 0..<count {
            let step = nextStep()
            let outcomes = worlds.map { world in
                do { return try step(world) } catch { return "\(error)" }
            }
            if Set(outcomes).count > 1 { differences.append("step \(number): \(outcomes)") }
        }
        return differences
    }

    private mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: elements.indices, using: &random)]
    }

    private mutating func some<Element>(of elements: [Element]) -> [Element] {
        elements.filter { _ in Bool.random(using: &random) }
    }

    private mutating func time() -> Int64 { Int64.random(in: 0...100, using: &random) }

    private mutating func nextStep() -> Step {
        switch Int.random(in: 0..<40, using: &random) {
        case 0..<6: return addition(isStaged: false)
        case 6, 7: return removal(isStaged: false)
        case 8..<13: return catalogue()
        case 13..<15: return settings()
        case 15..<25: return itemSignal()
        case 25, 26: return vectorSignal()
        case 27, 28: return topicSignal()
        case 29..<34: return chat()
        case 34, 35: return control()
        case 36: return surface()
        case 37: return policy()
        default: return retraction()
        }
    }

    // MARK: Items

    private mutating func addition(isStaged: Bool) -> Step {
        let (id, kind, topic) = (pick(Self.items), pick(["ad", "post", "group"]), topic())
        let sensitive: SensitiveLabel? = pick([nil, nil, nil, .health])
        let text = pick([nil, "a text", "another"])
        let author = pick([nil, "ann", "bob"])
        let prior = pick([nil, 0.25, 0.5])
        let times = (pick([nil, time()]), pick([nil, 60 + time()]))
        let regions = pick([[], [], ["US"], ["US", "CA"]])
        let languages = pick([[], [], ["en"], ["de", "en"]])
        let tastes = (pick([nil, vector(TestEngine.tasteDimension)]), vector(20))
        let taxonomy = pick([nil, nil, AdDeclaration.contentTaxonomy1, 7, 65_535])
        let hasTasteSignal = Bool.random(using: &random)
        let bid = Int64.random(in: 1...5, using: &random) * 1_000_000
        return { world in
            try world.add(
                id, kind: kind, about: topic, bid: bid, sensitive: sensitive, isStaged: isStaged
            ) { draft in
                draft.text = text
                draft.author = try author.map { try AuthorID($0) }
                draft.prior = prior
                draft.created = try times.0.map(world.time)
                draft.expires = try times.1.map(world.time)
                draft.regions = try regions.map { try Region($0) }
                draft.languages = try languages.map { try Language($0) }
                if let taxonomy {
                    draft.declaration.domains = ["shop.example"]
                    draft.declaration.taxonomy = taxonomy
                }
                guard let taste = tastes.0 else { return }
                draft.vectors = [try SpaceVector(space: .taste, values: taste)]
                if hasTasteSignal {
                    draft.signalVector = try SpaceVector(space: .taste, values: tastes.1)
                }
            }
            return "added"
        }
    }

    private mutating func removal(isStaged: Bool) -> Step {
        let ids = (pick(Self.items), pick(Self.items), pick(Self.items))
        return { "removed \(try $0.remove(ids.0, ids.1, ids.2, isStaged: isStaged))" }
    }

    private mutating func catalogue() -> Step {
        switch Int.random(in: 0..<24, using: &random) {
        case 0..<5:
            return { world in
                try world.engine.beginCatalogue()
                return "begun"
            }
        case 5:
            return { world in
                try world.engine.abortCatalogue()
                return "aborted"
            }
        case 6, 7:
            return { world in
                try world.engine.commitCatalogue()
                return "committed"
            }
        case 8, 9:
            let removal = removal(isStaged: true)
            return { $0.isLoading ? try removal($0) : "no catalogue" }
        default: return addition(isStaged: true)
        }
    }

    private mutating func vector(_ dimension: Int) -> [Float] {
        (0..<dimension).map { _ in Float(Int.random(in: -8...8, using: &random)) / 8 }
    }

    private mutating func topic() -> String { pick(TestEngine.topics) }

    // MARK: Users

    private mutating func settings() -> Step {
        let user = pick(Self.users)
        let region = pick([nil, "US", "US", "CA", "KR", "unknown"])
        let notice: Int64? = pick([nil, 0, 30])
        let links = pick([nil, ["a", "b"], ["b", "c"], []])
        let language = pick([nil, "en", "de"])
        let at = time()
        return { world in
            try world.set(
                user, region: region, notice: notice, links: links, language: language, at: at)
            return "set"
        }
    }

    private mutating func event() -> String? {
        pick([nil, "e\(Int.random(in: 0..<40, using: &random))"])
    }

    private mutating func itemSignal() -> Step {
        let types: [SignalType] = [
            .like, .follow, .click, .share, .purchase, .view, .view, .hide, .report, .impression,
            .impression, .impression, .impression, .impression, .impression,
        ]
        let (user, type, item) = (pick(Self.users), pick(types), pick(Self.items))
        let (at, event) = (time(), event())
        return { "\(String(describing: try $0.signal(user, type, item, at: at, event: event)))" }
    }

    private mutating func vectorSignal() -> Step {
        let (user, type) = (pick(Self.users), pick([SignalType.like, .view, .hide]))
        let space = pick([Space.text, .taste])
        let values = vector(space == .text ? Limits.textDimension : TestEngine.tasteDimension)
        let (at, event) = (time(), event())
        return { world in
            let about = SignalDraft.About.vector(try SpaceVector(space: space, values: values))
            let gate = try world.take(user, type, about, reading: nil, at: at, event: event)
            return "\(String(describing: gate))"
        }
    }

    private mutating func topicSignal() -> Step {
        let (user, type, topic) = (pick(Self.users), pick([SignalType.comment, .view]), topic())
        let (at, event) = (time(), event())
        return { world in
            let gate = try world.take(
                user, type, .topic(topic), reading: nil, at: at, event: event)
            return "\(String(describing: gate))"
        }
    }

    private mutating func chat() -> Step {
        let (user, topics) = (pick(Self.users), [topic(), topic()])
        let product = pick([nil, "a", "b", "c", "d"])
        let sensitive: SensitiveLabel? = pick([nil, nil, nil, .health])
        let (at, event) = (time(), event())
        return { world in
            let gate = try world.chat(
                user, topics[0], topics[1], at: at, event: event, sensitive: sensitive
            ) { $0.product = try product.map { try Product($0) } }
            return "\(String(describing: gate))"
        }
    }

    private mutating func retraction() -> Step {
        let (user, event) = (pick(Self.users), "e\(Int.random(in: 0..<40, using: &random))")
        return { "retracted \(try $0.retract(user, event))" }
    }

    private mutating func control() -> Step {
        let (user, topic) = (pick(Self.users), topic())
        switch Int.random(in: 0..<8, using: &random) {
        case 0: return { "forgotten \(try $0.forget(user))" }
        case 1, 2: return { "unsuppressed \(try $0.unsuppress(user, topic))" }
        default: return { "suppressed \(try $0.suppress(user, topic))" }
        }
    }

    // MARK: The setup

    private mutating func surface() -> Step {
        let name = pick(Self.surfaces)
        var settings: [SurfaceChange.Setting] = [
            .weight(pick(Term.allCases), Double.random(in: -1...2, using: &random)),
            .signalCount(.behaviour, Int.random(in: 1...64, using: &random)),
            .shape(.behaviour, pick(Shape.allCases)), .bias(0.125),
            .freshnessHalfLife(Int64.random(in: 1...1_000, using: &random)),
        ]
        if name == "groups", let kind = try? Kind("group"), let product = try? Product("c") {
            settings += [.kinds([kind]), .product(product), .weight(.chatText, 1)]
        }
        let chosen = settings
        return { world in
            try world.engine.set(
                try SurfaceChange(name: try SurfaceName(name), settings: chosen))
            return "surface set"
        }
    }

    private mutating func policy() -> Step {
        let excluded = some(of: ["CA", "US"])
        let crossing = pick(PolicyTable.ProductCrossing.allCases)
        return { world in
            let announced = PolicyTable.announced
            let regions = try excluded.map { try Region($0) }
            let table = try PolicyTable(
                effective: announced.effective,
                excludedRegions: announced.excludedRegions.union(regions), crossing: crossing)
            try world.engine.set(table, digest: "policy \(excluded) \(crossing)")
            return "policy set"
        }
    }
}

extension TestEngine {
    var isLoading: Bool { engine.writer.withLock { $0.isLoadingCatalogue } }

    /// All that anybody can be told, as text.
    func everythingHeld() throws -> String {
        var lines = engine.setup.allSurfaces.map { "\($0)" }
        lines.append("\(engine.setup.policyDigest) \(engine.setup.policy.canonicalText)")
        for id in StateHistory.items {
            guard let item = try item(id) else { continue }
            lines.append("\(item)")
        }
        for user in StateHistory.users {
            lines.append("\(user) \(String(describing: try export(user)))")
            for surface in StateHistory.surfaces where engine.setup.hasSurface(surface) {
                for clock in StateHistory.clocks {
                    let ranked = try rank(
                        user, on: surface, at: clock,
                        around: [.item(StateHistory.items[Int(clock) % 7])])
                    lines.append("\(user) \(surface) \(clock) \(ranked)")
                }
                for ranked in try rank(user, on: surface, at: 100, top: 3) {
                    lines.append(
                        "\(try explain(ranked.id, for: user, on: surface, at: 100))")
                }
            }
        }
        return lines.joined(separator: "\n")
    }
}

extension Setup {
    fileprivate func hasSurface(_ name: String) -> Bool {
        allSurfaces.contains { $0.name.text == name }
    }
}
