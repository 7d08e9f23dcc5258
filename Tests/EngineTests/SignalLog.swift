import Domain
import Policy

@testable import Engine

/// A random history of items, users and signals, for properties that must hold of every history.
struct SignalLog: CustomStringConvertible, Sendable {
    struct Entry: CustomStringConvertible, Sendable {
        enum Step: Sendable {
            case add(item: String, topic: String, isSensitive: Bool)
            case remove(item: String)
            /// A whole new catalogue with these items.
            case replace(items: [String], topic: String)
            case set(user: String, region: String?, notice: Int64?, links: [String]?)
            case signal(user: String, SignalType, item: String, event: String?)
            case chat(
                user: String, topic: String, isSensitive: Bool, product: String?, event: String?)
            case suppress(user: String, topic: String)
            case unsuppress(user: String, topic: String)
            case retract(user: String, event: String)
            case forget(user: String)
        }

        let at: Int64
        let step: Step
        var description: String { "at \(at): \(step)" }

        var isChat: Bool { if case .chat = step { true } else { false } }
        var isSensitiveChat: Bool {
            if case .chat(_, _, true, _, _) = step { true } else { false }
        }
    }

    /// What became of an entry: the gate that kept it out, or that it was refused as an error.
    enum Outcome: Equatable { case used, ignored(Gate), refused }

    var entries: [Entry]

    var description: String { entries.map(\.description).joined(separator: "\n") }

    /// Does in the world what the log says, in its order.
    @discardableResult
    func play(in world: TestEngine) -> [Outcome] {
        entries.map { entry in
            do {
                return try world.play(entry).map(Outcome.ignored) ?? .used
            } catch { return .refused }
        }
    }

    /// The log without the entries that `isLeftOut` names by their place.
    func without(_ isLeftOut: (Int) -> Bool) -> SignalLog {
        SignalLog(entries: entries.enumerated().filter { !isLeftOut($0.offset) }.map(\.element))
    }

    /// A shorter log that still fails, by dropping runs of entries, long ones first.
    func shrunk(_ fails: (SignalLog) -> Bool) -> SignalLog {
        var log = self
        var length = max(1, entries.count / 2)
        while true {
            var start = 0
            while start < log.entries.count {
                let shorter = log.without { (start..<start + length).contains($0) }
                if fails(shorter) { log = shorter } else { start += length }
            }
            guard length > 1 else { return log }
            length /= 2
        }
    }
}

extension SignalLog {
    static let users = ["ann", "bob"]
    static let items = ["1", "2", "boots", "bow", "pan", "car"]
    static let span: Int64 = 1_000

    static func random(entries count: Int, using random: inout SeededRandom) -> SignalLog {
        var entries: [Entry] = []
        for item in items {
            let topic = TestEngine.topics.randomElement(using: &random) ?? ""
            entries.append(
                Entry(at: 0, step: .add(item: item, topic: topic, isSensitive: false)))
        }
        for user in users {
            entries.append(
                Entry(at: 0, step: .set(user: user, region: "US", notice: 0, links: nil)))
        }
        for _ in 0..<count {
            let at = Int64.random(in: 0...span, using: &random)
            entries.append(Entry(at: at, step: step(using: &random)))
        }
        return SignalLog(entries: entries)
    }

    private static func step(using random: inout SeededRandom) -> Entry.Step {
        func pick<Element>(_ elements: [Element]) -> Element {
            elements[Int.random(in: elements.indices, using: &random)]
        }
        let user = pick(users)
        let item = pick(items)
        let topic = pick(TestEngine.topics)
        let event = pick([nil, nil, "e1", "e2", "e3"])
        switch Int.random(in: 0..<20, using: &random) {
        case 0: return .add(item: item, topic: topic, isSensitive: pick([false, false, true]))
        case 1: return .remove(item: item)
        case 2: return .replace(items: items.filter { _ in pick([true, false]) }, topic: topic)
        case 3, 4:
            return .set(
                user: user, region: pick([nil, "US", "US", "KR", "unknown"]),
                notice: pick([nil, nil, 0, 500]), links: pick([nil, ["a", "b"], []]))
        case 5..<10:
            let types: [SignalType] = [.like, .follow, .click, .view, .hide, .impression]
            return .signal(user: user, pick(types), item: item, event: event)
        default:
            return .chat(
                user: user, topic: topic, isSensitive: pick([true, false, false]),
                product: pick([nil, "a", "b"]), event: event)
        }
    }

    /// The log with controls of the users among its entries.
    ///
    /// - Parameter chance: One entry in so many is followed by a control.
    func withControls(oneIn chance: Int, using random: inout SeededRandom) -> SignalLog {
        func pick<Element>(_ elements: [Element]) -> Element {
            elements[Int.random(in: elements.indices, using: &random)]
        }
        var mixed: [Entry] = []
        for entry in entries {
            mixed.append(entry)
            guard Int.random(in: 0..<chance, using: &random) == 0 else { continue }
            let user = pick(Self.users)
            let topic = pick(TestEngine.topics)
            let step: Entry.Step =
                switch Int.random(in: 0..<8, using: &random) {
                case 0: .forget(user: user)
                case 1, 2: .suppress(user: user, topic: topic)
                case 3: .unsuppress(user: user, topic: topic)
                default: .retract(user: user, event: pick(["e1", "e2", "e3"]))
                }
            mixed.append(Entry(at: entry.at, step: step))
        }
        return SignalLog(entries: mixed)
    }
}

extension TestEngine {
    fileprivate func play(_ entry: SignalLog.Entry) throws -> Gate? {
        switch entry.step {
        case .add(let item, let topic, let isSensitive):
            try add(item, about: topic, sensitive: isSensitive ? .health : nil)
        case .remove(let item): try remove(item)
        case .replace(let items, let topic):
            try engine.beginCatalogue()
            for item in items { try add(item, about: topic, isStaged: true) }
            try engine.commitCatalogue()
        case .set(let user, let region, let notice, let links):
            try set(user, region: region, notice: notice, links: links, at: entry.at)
        case .signal(let user, let type, let item, let event):
            return try signal(user, type, item, at: entry.at, event: event)
        case .chat(let user, let topic, let isSensitive, let product, let event):
            return try chat(
                user, topic, at: entry.at, event: event, sensitive: isSensitive ? .health : nil
            ) { $0.product = try product.map { try Product($0) } }
        case .suppress(let user, let topic): try suppress(user, topic)
        case .unsuppress(let user, let topic): try unsuppress(user, topic)
        case .retract(let user, let event): try retract(user, event)
        case .forget(let user): try forget(user)
        }
        return nil
    }

    /// All that can be asked about the users on the surface, as text: rankings and explanations at
    /// several instants, from several regions.
    func everything(on surface: String) throws -> String {
        var lines: [String] = []
        for user in SignalLog.users {
            for clock in [0, 250, 499, 500, 750, SignalLog.span] {
                for region in [nil, "KR"] {
                    let ranked = try rank(user, on: surface, at: clock, region: region)
                    lines.append("\(user) \(clock) \(region ?? "-") \(ranked)")
                }
                for ranked in try rank(user, on: surface, at: clock) {
                    let report = try explain(ranked.id, for: user, on: surface, at: clock)
                    lines.append("\(user) \(clock) \(report)")
                }
            }
        }
        return lines.joined(separator: "\n")
    }
}

/// SplitMix64: the same numbers from the same seed, everywhere.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}
