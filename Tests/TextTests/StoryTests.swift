import Domain
import Testing

@testable import Text

/// The story that the whole server tells, as far as text goes.
@Suite struct StoryTests {
    @Test("a hike in the Dolomites is about hiking, in a known language, and not sensitive")
    func hike() throws {
        let reading = try Model.read("planning a hike in the Dolomites, which boots?")
        #expect(reading.language == .known)
        let judgement = try #require(reading.judgement)
        #expect(judgement.sensitive == nil)
        #expect(
            try Model.topicNames(of: "planning a hike in the Dolomites, which boots?")[0]
                == "hiking")
        #expect(judgement.topics.count <= Limits.chatTopicsMax)
        let weights = judgement.topics.map(\.weight)
        #expect(weights == weights.sorted(by: >))
    }

    @Test("boots lie far closer to hiking than lipstick does")
    func boots() throws {
        let model = try Model.shared.get()
        let topic = try #require(model.topicNamed("hiking"))
        let hiking = model.topics[Int(topic.rawValue)].row
        let boots = hiking.dot(try Model.embed("Waterproof hiking boots, spring sale"))
        let lipstick = hiking.dot(try Model.embed("Matte lipstick in twelve colours"))
        #expect(boots > 16_129 / 2)
        #expect(lipstick < 16_129 / 5)
    }

    @Test("a hike after chemo is about health")
    func chemo() throws {
        let reading = try Model.read("how long after chemo can I hike again?")
        #expect(reading.language == .known)
        #expect(reading.judgement?.sensitive == .health)
    }

    @Test("spoken text reads as typed text does: without capitals and marks")
    func voice() throws {
        let typed = try Model.topicNames(of: "Planning a hike in the Dolomites - which boots?")
        let spoken = try Model.topicNames(of: "planning a hike in the dolomites which boots")
        #expect(typed.first == spoken.first)
    }

    @Test("an item reads by the same path as a message")
    func item() throws {
        let model = try Model.shared.get()
        let text = "Alpine hikers of Bavaria"
        let reader = try MessageReader(model: model, gate: Model.gate.get())
        let item = reader.readItem(text.utf8.span)
        #expect(item.row == (try Model.embed(text)))
        #expect(item.language == .known)
        #expect(item.sensitive == nil)
        #expect(reader.readItem("Living with diabetes".utf8.span).sensitive == .health)
    }
}
