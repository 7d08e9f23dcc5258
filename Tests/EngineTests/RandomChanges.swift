import Domain
import Policy

@testable import Engine

/// Changes of every kind with values from all over their ranges.
struct RandomChanges {
    private var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    mutating func next() throws -> Change {
        switch number(0...12) {
        case 0: .putItem(try item(), isStaged: flip())
        case 1:
            .removeItems(try (0..<number(0...5)).map { _ in try ItemID(word()) }, isStaged: flip())
        case 2: .beginCatalogue
        case 3: .commitCatalogue
        case 4: .abortCatalogue
        case 5: .setUser(try user())
        case 6, 7: .keepSignal(try signal())
        case 8: .suppress(try UserID(word()), topic())
        case 9: .unsuppress(try UserID(word()), topic())
        case 10:
            .retract(try UserID(word()), event: UInt64.random(in: 1...UInt64.max, using: &random))
        case 11: .setSurface(try surface())
        default: flip() ? .forget(try UserID(word())) : try policy()
        }
    }

    private mutating func item() throws -> ResolvedItem {
        var draft = ItemDraft(id: try ItemID(word()), kind: try Kind("kind-\(number(0...99))"))
        if flip() { draft.text = (0..<number(0...40)).map { _ in word() }.joined(separator: " ") }
        if flip() { draft.author = try AuthorID(word()) }
        if flip() { draft.bidMicros = Int64.random(in: 0...Limits.bidMicrosMax, using: &random) }
        if flip() { draft.prior = Double.random(in: 0.001..<1, using: &random) }
        draft.topics = (0..<number(0...3)).map { _ in word() }
        if flip() { draft.created = try time() }
        if flip() { draft.expires = try time() }
        draft.regions = try (0..<number(0...4)).map { _ in try Region("\(letter())\(letter())") }
        draft.languages = try (0..<number(0...4)).map { _ in try Language("\(letter())\(letter())")
        }
        if flip() { draft.declaration = try declaration() }
        let row = flip() ? levels(128) : Array(repeating: 0, count: 128)
        var text = TextRow.zero
        for index in row.indices { text[index] = row[index] }
        return ResolvedItem(
            draft: draft, sensitive: flip() ? SensitiveLabel.allCases[number(0...6)] : nil,
            text: text, taste: flip() ? levels(number(0...256)) : nil,
            tasteSignal: flip() ? levels(number(0...256)) : nil)
    }

    private mutating func declaration() throws -> AdDeclaration {
        var declaration = AdDeclaration()
        declaration.domains = (0..<number(0...3)).map { _ in "\(word()).example" }
        declaration.categories = (0..<number(0...3)).map { _ in "IAB\(number(1...26))" }
        declaration.taxonomy = number(AdDeclaration.taxonomies)
        if flip() { declaration.creative = try CreativeID(word()) }
        return declaration
    }

    private mutating func user() throws -> UserChange {
        var change = UserChange(user: try UserID(word()))
        if flip() {
            change.region = flip() ? .unknown : try Region("\(letter())\(letter())")
            change.at = try time()
        }
        if flip() { change.notice = try time() }
        if flip() { change.language = try Language("\(letter())\(letter())") }
        if flip() { change.links = try (0..<number(0...4)).map { try Product("p\($0)") } }
        return change
    }

    private mutating func signal() throws -> ResolvedSignal {
        let type = SignalType.allCases[number(0...SignalType.allCases.count - 1)]
        let about: ResolvedSignal.About =
            switch number(0...3) {
            case 0: .item(try ItemID(word()), isFlagged: flip())
            case 1: .vector(.text, levels(128))
            case 2: .vector(.taste, levels(number(0...256)))
            default:
                .topics(
                    (0..<number(0...3)).map { _ in
                        TopicWeight(topic: topic(), weight: UInt8(number(1...255)))
                    })
            }
        return ResolvedSignal(
            user: try UserID(word()), type: type, at: try time(),
            event: flip() ? UInt64.random(in: 1...UInt64.max, using: &random) : 0,
            product: type == .chat && flip() ? try Product(word()) : nil, about: about)
    }

    private mutating func surface() throws -> Surface {
        var surface = Surface(name: try SurfaceName("surface-\(number(0...9))"))
        surface.lane = flip() ? .ads : .content
        if flip() { surface.product = try Product(word()) }
        surface.kinds = try (0...number(0...4)).map { try Kind("kind-\($0)") }
        surface.bias = Double.random(in: -5...5, using: &random)
        surface.prior = Double.random(in: 0.01..<1, using: &random)
        surface.floor = Double.random(in: 0...9, using: &random)
        for term in Term.allCases {
            surface.weights[term] = Double.random(in: -9...9, using: &random)
        }
        for type in SignalType.allCases {
            surface.typeWeights[type] = Double.random(in: 0...1, using: &random)
        }
        for signals in SignalClass.allCases {
            surface.halfLives[signals] = Int64(number(1...1_000_000_000))
            surface.shapes[signals] = flip() ? .linear : .positive
            surface.signalCounts[signals] = number(0...Limits.signalsPerClassMax)
        }
        surface.freshnessHalfLife = Int64(number(1...1_000_000_000))
        surface.fatigueHalfLife = Int64(number(1...1_000_000_000))
        return surface
    }

    private mutating func policy() throws -> Change {
        let announced = PolicyTable.announced
        let table = try PolicyTable(
            effective: try Timestamp(
                milliseconds: announced.effective.milliseconds + Int64(number(0...1_000_000))),
            excludedRegions: flip()
                ? announced.excludedRegions : announced.excludedRegions.union([try Region("CA")]),
            crossing: flip() ? .never : .linked,
            contextTextLanes: flip() ? [.ads] : [.ads, .content])
        return .setPolicy(table, digest: "1:\(word())")
    }

    private mutating func number(_ range: ClosedRange<Int>) -> Int {
        Int.random(in: range, using: &random)
    }

    private mutating func flip() -> Bool { Bool.random(using: &random) }

    private mutating func letter() -> Character {
        "abcdefghijklmnopqrstuvwxyz".randomElement(using: &random) ?? "a"
    }

    private mutating func word() -> String { String((0..<number(1...20)).map { _ in letter() }) }

    private mutating func topic() -> TopicID {
        TopicID(rawValue: UInt16.random(in: 0...UInt16.max, using: &random))
    }

    private mutating func time() throws -> Timestamp {
        try Timestamp(
            milliseconds: Int64.random(in: 0...Limits.timeMillisecondsMax, using: &random))
    }

    private mutating func levels(_ count: Int) -> [Int8] {
        (0..<count).map { _ in Int8.random(in: -127...127, using: &random) }
    }
}
