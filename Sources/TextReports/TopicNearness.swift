import Domain
import Text

/// Whether a topic of the list is what a person meant by another name: lists of topics differ.
package struct TopicNearness {
    private let model: TextModel

    /// Names whose directions are at least this close mean nearly the same ("anime_manga", "anime").
    private static let cosineMin = 0.5

    package init(model: TextModel) { self.model = model }

    /// The same but for case, underscores and marks.
    func isSame(_ topic: String, _ name: String) -> Bool { plain(topic) == plain(name) }

    func isNear(_ topic: String, _ name: String) -> Bool {
        if isSame(topic, name) { return true }
        guard let id = model.topicNamed(topic) else { return false }
        let row = model.embed(plain(name).utf8.span)
        return row.cosine(with: model.topics[Int(id.rawValue)].row) >= Self.cosineMin
    }

    private func plain(_ name: String) -> String {
        String(name.lowercased().map { $0.isLetter || $0.isNumber ? $0 : " " })
            .split(separator: " ").joined(separator: " ")
    }
}

extension TextRow {
    /// Both have length 127.
    fileprivate func cosine(with other: TextRow) -> Double {
        var dot = 0
        for index in 0..<Limits.textDimension { dot += Int(self[index]) * Int(other[index]) }
        return Double(dot) / (127 * 127)
    }
}
