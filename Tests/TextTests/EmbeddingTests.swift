import Domain
import Testing

@testable import Text

@Suite struct EmbeddingTests {
    static let texts = [
        "hiking", "planning a hike in the Dolomites, which boots?",
        "Matte lipstick in twelve colours",
        "a", "!?", "the of and to", "ZÜRICH café", String(repeating: "long walk ", count: 1_600),
    ]

    @Test("a row has length 127 within rounding", arguments: texts)
    func unitLength(_ text: String) throws {
        let row = try Model.embed(text)
        #expect((15_806...16_452).contains(row.dot(row)), "16,129 +-2 %")
        #expect((0..<Limits.textDimension).allSatisfy { row[$0] != -128 })
    }

    @Test("the same text has the same row, and case, accents and spaces do not matter")
    func deterministic() throws {
        #expect(try Model.embed("Zürich  CAFÉ\n") == Model.embed("zurich cafe"))
        #expect(try Model.embed("hiking boots") == Model.embed("hiking boots"))
        #expect(try Model.embed("hiking boots") != Model.embed("dancing shoes"))
    }

    @Test("a row is known to the byte")
    func golden() throws {
        let row = try Model.embed("Waterproof hiking boots, spring sale")
        #expect((0..<8).map { row[$0] } == [32, 7, 34, -3, -21, -11, 3, 20])
    }

    @Test("a text without tokens has the row of zeros", arguments: ["", " \n\t", "\u{200B}"])
    func empty(_ text: String) throws {
        #expect(try Model.embed(text) == .zero)
        #expect(try Model.read(text).language == .tooShort)
        #expect(try Model.topicNames(of: text).isEmpty)
    }

    @Test("bytes that are not UTF-8 are passed over")
    func notUTF8() throws {
        let model = try Model.shared.get()
        let bytes: [UInt8] =
            Array("hiking ".utf8) + [0xFF, 0xC3] + Array(" boots".utf8) + [0xE2, 0x82]
        #expect(model.embed(bytes.span) == (try Model.embed("hiking boots")))
    }

    @Test("the longest text is read, a longer one is not")
    func longest() throws {
        let longest = String(repeating: "!", count: Limits.textBytesMax)
        #expect(try Model.embed(longest) != .zero)
        #expect(try Model.read(longest + "!").language == .tooLong)
        #expect(try Model.judge(longest + "!") == nil)
    }

    @Test("topics have names that find them, and unit rows")
    func topics() throws {
        let model = try Model.shared.get()
        #expect(model.topics.count >= 220)
        for (number, topic) in model.topics.enumerated() {
            #expect(model.topicNamed(topic.name)?.rawValue == UInt16(number))
            #expect((15_806...16_452).contains(topic.row.dot(topic.row)), "\(topic.name)")
            #expect(model.readItem(topic.name.utf8.span).sensitive == nil, "\(topic.name)")
        }
        #expect(model.topicNamed("no such topic") == nil)
    }
}
