import Domain
import Engine
import Policy

/// What logs speak about: users, items, texts, messages, topics and surfaces, all fixed.
///
/// What a text says is worked out once, by the real models or from the labels of the corpus.
package struct World: Sendable {
    package struct Message: Sendable {
        package let text: String
        let reading: MessageReading
        let heard: Heard
        /// Its direction, which a context on the content lane has.
        let row: TextRow
    }

    package struct ItemText: Sendable {
        package let text: String
        package let row: TextRow
        package let sensitive: SensitiveLabel?
    }

    package struct Item: Sendable {
        package let id: String
        package let kind: String
        package let author: String
        /// Its texts are flagged ones, always.
        package let isFlagged: Bool
    }

    /// Who judged the texts: `labels of the corpus`, or the digest of a gate.
    package let judge: String
    package let topics: [(name: String, row: TextRow)]
    /// Places in `topics`: those that logs name.
    package let namedTopics: [Int]
    package let messages: [Message]
    package let texts: [ItemText]

    /// Places in `messages`: those that may be used, and those that may not for what they say.
    package let usableMessages: [Int]
    package let unusableMessages: [Int]
    /// Usable ones about exactly one topic.
    package let plainMessages: [Int]
    package let plainTexts: [Int]
    package let flaggedTexts: [Int]

    package static let users = ["ann", "bob", "cy"]
    package static let adKind = "proof.ad"
    package static let postKind = "proof.post"
    package static let items: [Item] = [
        Item(id: "boots", kind: adKind, author: "ada", isFlagged: false),
        Item(id: "bow", kind: adKind, author: "ben", isFlagged: false),
        Item(id: "pan", kind: adKind, author: "ada", isFlagged: false),
        Item(id: "7", kind: adKind, author: "cleo", isFlagged: false),
        Item(id: "clinic", kind: adKind, author: "ben", isFlagged: true),
        Item(id: "trail", kind: postKind, author: "ada", isFlagged: false),
        Item(id: "12", kind: postKind, author: "ben", isFlagged: false),
        Item(id: "choir", kind: postKind, author: "ada", isFlagged: true),
    ]

    /// - Parameters:
    ///   - judge: Names who reads.
    ///   - topics: The closed list.
    ///   - message: What is left of a message.
    ///   - item: What an item's text says.
    package init(
        judge: String, topics: [(name: String, row: TextRow)],
        message: (Corpus.Message) -> (MessageReading, TextRow),
        item: (Corpus.ItemText) -> (TextRow, SensitiveLabel?)
    ) {
        self.judge = judge
        self.topics = topics
        namedTopics = Corpus.topics.compactMap { name in topics.firstIndex { $0.name == name } }
        messages = Corpus.messages.map { entry in
            let (reading, row) = message(entry)
            return Message(
                text: entry.text, reading: reading, heard: Heard(reading), row: row)
        }
        texts = Corpus.itemTexts.map { entry in
            let (row, sensitive) = item(entry)
            return ItemText(text: entry.text, row: row, sensitive: sensitive)
        }
        let all = messages
        usableMessages = all.indices.filter { Oracle.wordsGate(of: all[$0].heard) == nil }
        unusableMessages = all.indices.filter { Oracle.wordsGate(of: all[$0].heard) != nil }
        plainMessages = usableMessages.filter { all[$0].heard.topics.count == 1 }
        let texts = texts
        plainTexts = texts.indices.filter { texts[$0].sensitive == nil }
        flaggedTexts = texts.indices.filter { texts[$0].sensitive != nil }
        precondition(
            !namedTopics.isEmpty && !usableMessages.isEmpty && !unusableMessages.isEmpty
                && !plainTexts.isEmpty && !flaggedTexts.isEmpty,
            "the corpus has something of everything")
    }

    // MARK: Looking up

    package func topicName(_ number: Int) -> String { topics[namedTopics[number]].name }

    func kind(ofItem id: String) -> String { item(id).kind }

    func author(ofItem id: String) -> String { item(id).author }

    private func item(_ id: String) -> Item {
        guard let item = Self.items.first(where: { $0.id == id }) else {
            preconditionFailure("logs speak of the world's items")
        }
        return item
    }

    static let flaggedItems = Set(items.filter(\.isFlagged).map(\.id))

    // MARK: Surfaces

    package static let ads = "proof.ads"
    package static let shop = "proof.shop"
    package static let feed = "proof.feed"
    package static let surfaces = [ads, shop, feed]

    package static func isAds(_ surface: String) -> Bool { surface != feed }

    /// Lane, product and kinds, which differ; the rest is the same for all.
    private static let heads: [(String, String, String, [String])] = [
        (ads, "ads", "app", [adKind]), (shop, "ads", "web", [adKind, postKind]),
        (feed, "content", "app", [postKind, adKind]),
    ]

    private static let weights: [(Term, String)] = [
        (.prior, "1"), (.follow, "0.7"), (.fatigue, "-0.4"), (.behaviourText, "0.5"),
        (.viewsText, "0.1"), (.negativeText, "-1"), (.chatText, "3"), (.contextText, "1"),
    ]

    static func makeSurfaces() -> [Surface] {
        do throws(DomainError) {
            var surfaces: [Surface] = []
            for (name, lane, product, kinds) in heads {
                var settings: [SurfaceChange.Setting] = [
                    .lane(try Lane(lane)), .product(try Product(product)), .prior(0.05),
                ]
                var list: [Kind] = []
                for kind in kinds { list.append(try Kind(kind)) }
                settings.append(.kinds(list))
                for (term, weight) in weights {
                    settings.append(.weight(term, Double(weight) ?? 0))
                }
                let change = try SurfaceChange(name: try SurfaceName(name), settings: settings)
                surfaces.append(change.applied(to: Surface(name: change.name)))
            }
            return surfaces
        } catch {
            preconditionFailure("the world's surfaces are malformed: \(error.message)")
        }
    }

    /// The commands that make the surfaces on a server.
    package static let surfaceCommands: [[String]] = heads.map { name, lane, product, kinds in
        ["SURFACE.SET", name, "LANE", lane, "PRODUCT", product]
            + ["KINDS", kinds.joined(separator: ","), "PRIOR", "0.05"]
            + weights.flatMap { ["WEIGHT", $0.0.rawValue, $0.1] }
            + ["SIGNALS", "chat", "32", "SIGNALS", "behaviour", "128", "HALFLIFE", "chat"]
            + ["2592000", "SHAPE", "chat", "positive"]
    }

    // MARK: A direction of the text space

    static let vectorValues: [Float] = (0..<Limits.textDimension).map { $0 % 16 == 3 ? 0.25 : 0 }

    static let vectorBytes: [UInt8] = vectorValues.flatMap { value in
        (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt32($0))) }
    }
}

extension World {
    /// The world as a server reads it: by text, what it answers to a chat and holds of it, and what it
    /// answers to an item.
    init(
        _ base: World, gates: [String: String], topics: [String: [String]],
        flags: [String: String]
    ) {
        let known = Set(base.topics.map(\.name))
        let others = Set(topics.values.joined()).subtracting(known).sorted()
        let all = base.topics + others.map { (name: $0, row: TextRow.zero) }
        func weights(_ text: String) -> [TopicWeight] {
            (topics[text] ?? []).compactMap { name in
                all.firstIndex { $0.name == name }.map {
                    TopicWeight(topic: TopicID(rawValue: UInt16($0)), weight: 1)
                }
            }
        }
        self.init(
            judge: "the server", topics: all,
            message: { message in
                let reply = gates[message.text] ?? ""
                let reading = MessageReading(
                    language: reply.contains("language") ? .unclear : .known,
                    sensitive: reply.contains("sensitive") ? .health : nil,
                    topics: reply.contains("USED") ? weights(message.text) : [])
                return (reading, .zero)
            },
            item: { item in
                (.zero, flags[item.text]?.contains("flagged") == true ? .health : nil)
            })
    }

    /// The corpus as its labels say: for builds without the models, and the same everywhere.
    package static let labelled: World = {
        let topics = Corpus.topics.map { (name: $0, row: direction(of: $0)) }
        func row(of names: [String], _ text: String) -> TextRow {
            let rows = names.map(direction(of:))
            return TextRow.direction(ofSum: rows + rows + [direction(of: text)]) ?? .zero
        }
        return World(
            judge: "the labels of the corpus", topics: topics,
            message: { message in
                (message.labelledReading, row(of: message.topics, message.text))
            },
            item: { (row(of: $0.topics, $0.text), $0.sensitive) })
    }()

    /// A direction that follows from the words alone: no two are alike, none quite at right angles.
    private static func direction(of words: String) -> TextRow {
        var random = SeededRandom(seed: 0, property: words, number: 0)
        var row = TextRow.zero
        for index in 0..<Limits.textDimension { row[index] = Int8(random.below(23) - 11) }
        return TextRow.direction(ofSum: [row]) ?? row
    }
}
