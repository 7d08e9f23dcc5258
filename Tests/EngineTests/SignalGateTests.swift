import Domain
import Policy
import Testing

@testable import Engine

/// A chat in its circumstances, all in order unless a case says otherwise, and what must come of it.
struct ChatCase: CustomTestStringConvertible, Sendable {
    var name: String
    var region: String? = "US"
    var notice: Int64? = 0
    var links: [String] = []
    var at: Int64 = 10_000
    var product: String?
    var label: SignalDraft.Label?
    var sensitive: SensitiveLabel?
    var isClear = true
    var topics = ["hiking"]
    var modality = Modality.text
    var isRepeated = false
    var gate: Gate?

    var testDescription: String { name }

    /// Milliseconds from the start of 2026 back to 2025-12-16T00:00:00Z.
    static let effective: Int64 = -16 * 86_400_000
}

@Suite("What becomes of a chat")
struct ChatGateTests {
    static let cases = [
        ChatCase(name: "all is well"),
        ChatCase(name: "spoken, all is well", modality: .voice),
        ChatCase(name: "the same event again", isRepeated: true, gate: .duplicate),
        ChatCase(name: "from Korea", region: "KR", gate: .region),
        ChatCase(name: "from the United Kingdom", region: "UK", gate: .region),
        ChatCase(name: "from Germany", region: "DE", gate: .region),
        ChatCase(name: "from Switzerland", region: "CH"),
        ChatCase(name: "from an unknown region", region: "unknown", gate: .region),
        ChatCase(name: "from nobody knows where", region: nil, gate: .region),
        ChatCase(
            name: "before the policy took effect", notice: ChatCase.effective - 1,
            at: ChatCase.effective - 1, gate: .effective),
        ChatCase(
            name: "as the policy took effect", notice: ChatCase.effective - 1,
            at: ChatCase.effective),
        ChatCase(name: "without notice", notice: nil, gate: .notice),
        ChatCase(name: "a moment before the notice", notice: 10_001, gate: .notice),
        ChatCase(name: "with the notice", notice: 10_000),
        ChatCase(name: "of another product, accounts not linked", product: "glasses", gate: .link),
        ChatCase(
            name: "of another product, one account linked", links: ["glasses"],
            product: "glasses", gate: .link),
        ChatCase(
            name: "of another product, accounts linked", links: ["glasses", "social"],
            product: "glasses"),
        ChatCase(name: "of the surface's own product", product: "social"),
        ChatCase(name: "of no product"),
        ChatCase(name: "in an unclear language", isClear: false, gate: .language),
        ChatCase(name: "sensitive to the model", sensitive: .health, gate: .sensitive),
        ChatCase(name: "sensitive to the caller", label: .sensitive(.union), gate: .sensitive),
        ChatCase(
            name: "sensitive to the model, not to the caller", label: SignalDraft.Label.none,
            sensitive: .religion, gate: .sensitive),
        ChatCase(name: "about nothing of the list", topics: [], gate: .noTopic),
    ]

    static let worst = ChatCase(
        name: "everything at once", region: "KR", notice: nil, at: ChatCase.effective - 1,
        product: "glasses", sensitive: .health, isClear: false, topics: [], isRepeated: true,
        gate: .duplicate)

    /// An engine whose surfaces belong to a product, and a user in the case's circumstances.
    private func prepare(_ chat: ChatCase) throws -> TestEngine {
        let world = try TestEngine { surfaces in
            for index in surfaces.indices { surfaces[index].product = try Product("social") }
        }
        try world.add("boots", about: "hiking")
        try world.add("walk", kind: "post", about: "hiking")
        if chat.isRepeated { try world.signal("u", .like, "boots", at: 0, event: "event") }
        if chat.region != nil || chat.notice != nil || !chat.links.isEmpty {
            try world.set(
                "u", region: chat.region, notice: chat.notice, links: chat.links,
                at: chat.at)
        }
        return world
    }

    private func take(_ chat: ChatCase, in world: TestEngine) throws -> Gate? {
        let reading = MessageReading(
            language: chat.isClear ? .known : .unclear, sensitive: chat.sensitive,
            topics: chat.topics.map { world.weight(of: $0) })
        return try world.take(
            "u", .chat, .text("words"), reading: reading, at: chat.at, event: "event"
        ) { draft in
            draft.label = chat.label
            draft.modality = chat.modality
            draft.product = try chat.product.map { try Product($0) }
        }
    }

    @Test("a chat is used, or kept out by the first gate that applies", arguments: cases)
    func gate(chat: ChatCase) throws {
        let world = try prepare(chat)
        #expect(try take(chat, in: world) == chat.gate)
        let isUsed = chat.gate == nil
        for (surface, item) in [("ads", "boots"), ("feed", "walk")] {
            let terms = try world.terms(of: item, for: "u", on: surface, at: chat.at)
            #expect(terms.contains("chat.text") == isUsed)
        }
    }

    @Test("gates apply in the announced order")
    func order() throws {
        let repairs: [(Gate, (inout ChatCase) -> Void)] = [
            (.duplicate, { $0.isRepeated = false }), (.region, { $0.region = "US" }),
            (.effective, { $0.at = 0 }), (.notice, { $0.notice = 0 }),
            (.link, { $0.links = ["social", "glasses"] }), (.language, { $0.isClear = true }),
            (.sensitive, { $0.sensitive = nil }), (.noTopic, { $0.topics = ["cello"] }),
        ]
        var chat = Self.worst
        for (gate, repair) in repairs {
            #expect(try take(chat, in: try prepare(chat)) == gate)
            repair(&chat)
        }
        #expect(try take(chat, in: try prepare(chat)) == nil)
    }

    @Test("a chat that is kept out touches nothing", arguments: cases.filter { $0.gate != nil })
    func leavesNoTrace(chat: ChatCase) throws {
        let world = try prepare(chat)
        let state = world.engine.state
        let user = try world.user("u")
        let rankings = try ["ads", "feed"].map { try world.rank("u", on: $0, at: chat.at) }
        #expect(try take(chat, in: world) != nil)
        let after = world.engine.state
        #expect(after.users == state.users)
        #expect(after.sequence == state.sequence)
        #expect(after.signalsUsed == state.signalsUsed)
        #expect(after.usersMemory.allocated == state.usersMemory.allocated)
        #expect(try world.user("u") == user)
        #expect(try ["ads", "feed"].map { try world.rank("u", on: $0, at: chat.at) } == rankings)
    }

    @Test("a chat that is kept out does not make its user")
    func makesNoUser() throws {
        let world = try TestEngine()
        #expect(try world.chat("stranger", "hiking", at: 0) == .region)
        #expect(try world.user("stranger") == nil)
        #expect(world.engine.state.users == 0)
    }

    @Test("every gate counts, server-wide")
    func counts() throws {
        let world = try TestEngine()
        try world.welcome("u")
        try world.chat("u", "hiking", at: 1, sensitive: .health)
        try world.chat("v", "hiking", at: 1)
        try world.chat("v", "hiking", at: 2)
        let counts = world.engine.state.gates.filter { $0.count > 0 }
        #expect(counts.map(\.gate) == [.region, .sensitive])
        #expect(counts.map(\.count) == [2, 1])
    }

    @Test(
        "where surfaces name no product, only chats that name none count, whoever named it before")
    func surfacesWithoutProducts() throws {
        for isNamed in [false, true] {
            let world = try TestEngine()
            try world.welcome("u")
            if isNamed { try world.set("other", links: ["glasses", "social"]) }
            func gate() throws -> Gate? {
                try world.chat("u", "hiking", at: 1) { $0.product = try Product("glasses") }
            }
            #expect(try gate() == .link)
            try world.set("u", links: ["glasses", "social"])
            #expect(try gate() == .link)
            #expect(try world.chat("u", "hiking", at: 1) == nil)
        }
    }
}

@Suite("What becomes of what a user does")
struct BehaviourGateTests {
    @Test(
        "region, date, notice and link do not apply to behaviour",
        arguments: [SignalType.like, .follow, .click, .share, .comment, .purchase, .view, .hide])
    func isUsed(type: SignalType) throws {
        let world = try TestEngine()
        try world.add("boots", about: "hiking")
        try world.set("u", region: "KR")
        #expect(try world.signal("u", type, "boots", at: ChatCase.effective - 1) == nil)
        #expect(try !world.terms(of: "boots", for: "u", at: 0).isEmpty)
    }

    @Test("text that comes with behaviour passes the gates of text, in their order")
    func text() throws {
        let world = try TestEngine()
        let known = MessageReading(language: .known, sensitive: nil, topics: [])
        let cases: [(Gate?, (inout MessageReading) -> Void)] = [
            (.language, { ($0.language, $0.sensitive) = (.unclear, .health) }),
            (.sensitive, { ($0.language, $0.sensitive) = (.known, .health) }),
            (.noTopic, { $0.sensitive = nil }),
            (.noTopic, { $0.topics = [world.weight(of: "cars", 0)] }),
            (nil, { $0.topics = [world.weight(of: "cars")] }),
        ]
        var reading = known
        for (gate, change) in cases {
            change(&reading)
            #expect(
                try world.take("u", .comment, .text("..."), reading: reading, at: 0) == gate)
        }
        let gate = try world.take("u", .like, .topic("cars"), reading: nil, at: 0) {
            $0.label = .sensitive(.politics)
        }
        #expect(gate == .sensitive)
    }

    @Test("a chat about an item or a vector has no topic")
    func chatNeedsTopics() throws {
        let world = try TestEngine()
        try world.welcome("u")
        try world.add("boots", about: "hiking")
        #expect(try world.signal("u", .chat, "boots", at: 1) == .noTopic)
        let vector = try SpaceVector(space: .text, values: Array(repeating: 0.5, count: 128))
        #expect(try world.take("u", .chat, .vector(vector), reading: nil, at: 1) == .noTopic)
        #expect(try world.take("u", .chat, .topic("Hiking"), reading: nil, at: 1) == nil)
    }
}
