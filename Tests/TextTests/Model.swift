import Domain

@testable import Text

/// One model and one gate for all tests: loading them is the same every time.
enum Model {
    static let shared: Result<TextModel, TextModelError> = Result(catching: TextModel.embedded)
    static let gate: Result<SensitiveGate, TextModelError> = shared.flatMap { model in
        Result { () throws(TextModelError) in
            try SensitiveGate(path: SensitiveGate.shippedPath, model: model)
        }
    }

    static func read(_ text: String) throws -> TextReading {
        try MessageReader(model: shared.get(), gate: gate.get()).read(text.utf8.span)
    }

    static func judge(_ text: String) throws -> Judgement? { try read(text).judgement }

    static func embed(_ text: String) throws -> TextRow {
        try shared.get().embed(text.utf8.span)
    }

    /// The names of the topics of a text, closest first.
    static func topicNames(of text: String) throws -> [String] {
        let model = try shared.get()
        return try (judge(text)?.topics ?? []).map { model.topics[Int($0.topic.rawValue)].name }
    }
}
