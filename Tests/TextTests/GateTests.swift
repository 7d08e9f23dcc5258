import Digest
import Domain
import Foundation
import Testing

@testable import Text

/// The gate's file must be whole, undamaged, of this version and of the same topics.
@Suite struct GateTests {
    static let bytes = FileManager.default.contents(atPath: SensitiveGate.shippedPath) ?? Data()

    /// Why a gate of these bytes is refused.
    func refusal(_ bytes: Data) throws -> TextModelError? {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("gate-\(UUID().uuidString).bundle").path
        #expect(FileManager.default.createFile(atPath: path, contents: bytes))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let model = try Model.shared.get()
        do throws(TextModelError) {
            _ = try SensitiveGate(path: path, model: model)
            return nil
        } catch {
            return error
        }
    }

    @Test("the shipped gate is accepted, at most 24 MB and named by its digest")
    func accepted() throws {
        let gate = try Model.gate.get()
        #expect(Self.bytes.count <= 24 << 20)
        #expect(gate.digest == SHA256Digest.of(Array(Self.bytes[64...]).span.bytes))
    }

    @Test("a file that is not there is missing, which is no damage")
    func missing() throws {
        let model = try Model.shared.get()
        #expect(throws: TextModelError.missing(path: "/no/such/gate")) {
            try SensitiveGate(path: "/no/such/gate", model: model)
        }
        #expect(throws: TextModelError.unreadable(path: "/")) {
            try SensitiveGate(path: "/", model: model)
        }
    }

    @Test("a flipped bit anywhere is found", arguments: [70, 5_000, 20_000_000, -1])
    func flipped(_ place: Int) throws {
        var bytes = Self.bytes
        bytes[place < 0 ? bytes.count + place : place] ^= 4
        guard case .digest = try refusal(bytes) else {
            Issue.record("\(String(describing: try refusal(bytes)))")
            return
        }
    }

    @Test("a cut file, an empty one, another version and the other model's file are refused")
    func wrongFiles() throws {
        #expect(
            try refusal(Self.bytes.prefix(1_000_000))
                == .size(found: 1_000_000, expected: UInt64(Self.bytes.count)))
        #expect(try refusal(Data()) == .tooShort(bytes: 0))
        var newer = Self.bytes
        newer[8] = 9
        #expect(try refusal(newer) == .version(found: 9, expected: 1))
        let text: [UInt8] = TextCore.withEmbeddedBundle { bytes in
            (0..<bytes.byteCount).map { ModelContainer.number(in: bytes, at: $0) }
        }
        #expect(try refusal(Data(text)) == .notABundle(magic: "CAIRNGAT"))
    }

    @Test("without a gate nothing is judged, and the lexicon flags items")
    func withoutGate() throws {
        let reader = try MessageReader(model: Model.shared.get(), gate: nil)
        let reading = reader.read("planning a hike in the Dolomites".utf8.span)
        #expect(reading.language == .known)
        #expect(reading.judgement == nil)
        #expect(reader.readItem("Living with diabetes".utf8.span).sensitive == .health)
    }

    @Test("two readers on two threads say the same, and a reader says the same again")
    func repeatable() async throws {
        let texts = SensitiveTests.sensitive.map(\.1).prefix(6) + ["a bike lane to the lake"]
        let first = try texts.map { try Model.judge($0) }
        let others = await withTaskGroup(of: [Judgement?].self) { group in
            for _ in 0..<2 {
                group.addTask { texts.map { try? Model.judge($0) } }
            }
            return await group.reduce(into: [[Judgement?]]()) { $0.append($1) }
        }
        for other in others { #expect(other == first) }
    }
}

@Suite struct SegmentTests {
    static let cases: [(String, [String])] = [
        ("one sentence", []),
        ("One. Two.", ["One.", "Two."]),
        (
            "Wait... what? 3.5 km on example.org; ok",
            ["Wait...", "what?", "3.5 km on example.org;", "ok"]
        ),
        ("a\nb\n\nc", ["a\n", "b\n", "c"]),
        ("", []),
        ("  .  ", []),
    ]

    @Test("sentences end with a mark before a space, or with a line", arguments: cases)
    func sentences(_ text: String, _ expected: [String]) {
        let bytes = Array(text.utf8)
        let found = Segments.sentences(of: bytes.span).map {
            String(decoding: bytes[$0], as: UTF8.self)
        }
        #expect(found == expected)
    }
}
