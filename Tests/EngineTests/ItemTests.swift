import Domain
import Testing

@testable import Engine

@Suite("Items")
struct ItemTests {
    @Test("an item comes back as it was added")
    func roundTrip() throws {
        let world = try TestEngine()
        try world.add("boots", bid: 7, sensitive: .health) { draft in
            draft.text = "Boots, \"waterproof\"\n\u{1F97E}"
            draft.author = try AuthorID("maker")
            draft.prior = 0.1
            draft.topics = ["hiking", "Cello"]
            draft.created = try world.time(1)
            draft.expires = try world.time(2)
            draft.regions = [try Region("US"), try Region("unknown")]
            draft.languages = [try Language("en")]
        }
        let item = try #require(try world.item("boots"))
        #expect(item.id == "boots" && item.isLive && item.isSensitive && item.bidMicros == 7)
        #expect(try [item.created, item.expires] == [world.time(1), world.time(2)])
        #expect(world.engine.setup.kind(numbered: item.kind) == "ad")
        let details = item.details
        #expect(details.text == "Boots, \"waterproof\"\n\u{1F97E}")
        #expect(details.author == "maker" && details.prior == 0.1)
        #expect(details.sensitive == .health && details.topics == ["hiking", "Cello"])
        #expect(details.regions == ["US", "unknown"] && details.languages == ["en"])
    }

    @Test("an item of few words has no more than those")
    func leastItem() throws {
        let world = try TestEngine()
        try world.add("0")
        let item = try #require(try world.item("0"))
        #expect(item.created == nil && item.expires == nil && !item.isSensitive)
        let details = item.details
        #expect(details.text == nil && details.author == nil && details.prior == nil)
        #expect(details.topics.isEmpty && details.regions.isEmpty && details.languages.isEmpty)
        #expect(try world.item("00") == nil)
    }

    @Test("priors keep their value", arguments: [5e-324, 0.1, 0.5, 1 - 0x1p-53])
    func prior(value: Double) throws {
        var draft = ItemDraft(id: try ItemID("a"), kind: try Kind("ad"))
        draft.prior = value
        let record = ItemRecord(draft, sensitive: nil)
        #expect(ItemRecord(bytes: record.bytes) == record)
    }

    @Test("what an ad declares comes back, with its languages, to whoever ranks it")
    func declaration() throws {
        let world = try TestEngine()
        var declaration = AdDeclaration()
        declaration.domains = ["boots.example", "shop.example"]
        declaration.categories = ["IAB18-1"]
        declaration.taxonomy = 7
        declaration.creative = try CreativeID("spring/7")
        try world.add("boots") { draft in
            draft.text = "Boots"
            draft.author = try AuthorID("maker")
            draft.topics = ["hiking"]
            draft.regions = [try Region("US")]
            draft.languages = [try Language("en"), try Language("de")]
            draft.declaration = declaration
        }
        try world.add("socks")
        #expect(try world.item("boots")?.details.declaration == declaration)
        let offers = ["boots", "socks", "hats"].map { id in
            world.ranker.withCatalogue { world.ranker.offer(of: Array(id.utf8).span) }
        }
        #expect(
            offers == [
                AdOffer(
                    languages: [try Language("en"), try Language("de")], declaration: declaration),
                AdOffer(languages: [], declaration: AdDeclaration()), nil,
            ])
    }

    @Test("a taxonomy keeps its number, with no creative behind it", arguments: [1, 7, 65_535])
    func taxonomy(number: Int) throws {
        let world = try TestEngine()
        try world.add("boots") { $0.declaration.taxonomy = number }
        let declaration = try #require(try world.item("boots")).details.declaration
        #expect(declaration.taxonomy == number && declaration.creative == nil)
    }

    @Test("a record that ends early, as those of before had no declaration, declares nothing")
    func shortRecord() throws {
        var draft = ItemDraft(id: try ItemID("a"), kind: try Kind("ad"))
        draft.languages = [try Language("en")]
        let record = ItemRecord(draft, sensitive: nil)
        // Two counts of lists, the text of the taxonomy, the count of the creative's bytes.
        let cut = Array(record.bytes.dropLast(4 + 4 + 5 + 4))
        #expect(ItemRecord(bytes: cut) == record)
    }

    @Test("an item replaces the one of its identifier")
    func replaces() throws {
        let world = try TestEngine()
        try world.add("boots", bid: 1)
        try world.add("boots", bid: 2)
        #expect(try world.item("boots")?.bidMicros == 2)
        #expect(world.engine.state.items == 1)
        #expect(try world.remove("boots", "boots", "socks") == 1)
        #expect(try world.item("boots") == nil)
        #expect(world.engine.state.slots == 0 && world.engine.state.rows == 0)
    }

    @Test("unknown words are refused by name, and leave nothing")
    func refusals() throws {
        let world = try TestEngine()
        #expect(throws: EngineError.unknownKind("song")) { try world.add("a", kind: "song") }
        #expect(throws: EngineError.unknownTopic("chess")) {
            try world.add("a") { $0.topics = ["chess"] }
        }
        #expect(throws: EngineError.unknownItem("a")) { try world.signal("u", .like, "a", at: 0) }
        #expect(throws: EngineError.unknownTopic("chess")) {
            try world.take("u", .like, .topic("chess"), reading: nil, at: 0)
        }
        #expect(throws: EngineError.future(try world.time(Limits.futureMillisecondsMax + 1))) {
            let draft = { () throws -> SignalDraft in
                var draft = SignalDraft(
                    user: try UserID("u"), type: .like, about: .topic("hiking"))
                draft.at = try world.time(Limits.futureMillisecondsMax + 1)
                return draft
            }
            _ = try world.engine.take(try draft(), reading: nil, now: try world.time(0))
        }
        let state = world.engine.state
        #expect(state.items == 0 && state.slots == 0 && state.users == 0 && state.sequence == 0)
    }

    @Test("vectors need their space's dimension, and a space at all")
    func dimensions() throws {
        let world = try TestEngine()
        let bare = try TestEngine(tasteDimension: 0)
        for (space, expected) in [(Space.text, 128), (.taste, TestEngine.tasteDimension)] {
            for count in [1, expected - 1, expected + 1] {
                let vector = try SpaceVector(
                    space: space, values: Array(repeating: 1, count: count))
                let error = EngineError.dimension(space: space, expected: expected, actual: count)
                #expect(throws: error) { try world.add("a") { $0.vectors = [vector] } }
                #expect(throws: error) {
                    try world.take("u", .like, .vector(vector), reading: nil, at: 0)
                }
                #expect(throws: error) {
                    try world.rank("u", at: 0, around: [.vector(space, vector.values)])
                }
            }
        }
        let taste = try SpaceVector(space: .taste, values: [1])
        #expect(throws: EngineError.noTasteSpace) { try bare.add("a") { $0.vectors = [taste] } }
        #expect(throws: EngineError.noTasteSpace) { try bare.add("a") { $0.signalVector = taste } }
        #expect(throws: EngineError.noTasteSpace) {
            try bare.rank("u", at: 0, around: [.vector(.taste, [1])])
        }
        #expect(try world.rank("u", at: 0).isEmpty, "the ranker is free again after an error")
    }
}

@Suite("Vectors to bytes")
struct QuantiserTests {
    private func row(_ space: Space, _ values: [Float]) throws -> [Int8] {
        Quantiser.padded(
            Quantiser.levels(of: try SpaceVector(space: space, values: values)))
    }

    @Test("taste keeps its length, rounds half away from zero and pads with zeros")
    func taste() throws {
        let row = try row(.taste, [1, -1, 0.5, -0.5, 0.003])
        #expect(row == [127, -127, 64, -64] + Array(repeating: 0, count: 60))
        #expect(try self.row(.taste, Array(repeating: 1, count: 65)).count == 128)
    }

    @Test(
        "text is brought to unit length, however long it was", arguments: [1, 1e-3, 1e-30, 1e-44])
    func text(length: Float) throws {
        var values = [Float](repeating: 0, count: 128)
        values[5] = length
        let single = try row(.text, values)
        #expect(single[5] == 127 && single.filter { $0 != 0 }.count == 1)
        values[6] = -length
        let pair = try row(.text, values)
        #expect(pair[5] == 90 && pair[6] == -90)
    }

    @Test("no value is -128", arguments: Space.allCases)
    func range(space: Space) throws {
        let row = try row(space, Array(repeating: -1, count: 128))
        #expect(row.allSatisfy { $0 >= -127 })
    }
}
