import Domain

@testable import Text

/// One model for all tests: loading it is the same every time.
enum Model {
    static let shared: Result<TextModel, TextModelError> = Result(catching: TextModel.embedded)

    static func read(_ text: String) throws -> TextReading {
        try shared.get().read(text.utf8.span)
    }

    static func embed(_ text: String) throws -> TextRow {
        try shared.get().embed(text.utf8.span)
    }

    /// The names of the topics of a text, closest first.
    static func topicNames(of text: String) throws -> [String] {
        let model = try shared.get()
        return try read(text).topics.map { model.topics[Int($0.topic.rawValue)].name }
    }
}
