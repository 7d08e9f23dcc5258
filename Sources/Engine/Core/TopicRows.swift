import Domain

/// The rows of the everyday topics, in one place that does not move.
@safe package final class TopicRows: @unchecked Sendable {
    private let values: UnsafeMutablePointer<Int8>
    package let names: [String]
    private let numbers: [String: TopicID]

    package init(_ topics: [(name: String, row: TextRow)]) {
        precondition(topics.count <= Int(UInt16.max), "topic numbers have 16 bits")
        let count = max(1, topics.count) * Limits.textDimension
        unsafe values = UnsafeMutablePointer<Int8>.allocate(capacity: count)
        for (number, topic) in topics.enumerated() {
            for index in 0..<Limits.textDimension {
                unsafe values[number * Limits.textDimension + index] = topic.row[index]
            }
        }
        names = topics.map(\.name)
        var numbers: [String: TopicID] = [:]
        for (number, topic) in topics.enumerated() {
            numbers[topic.name.lowercased()] = TopicID(rawValue: UInt16(number))
        }
        self.numbers = numbers
    }

    deinit { unsafe values.deallocate() }

    /// The topic of the name, in any case of letters.
    package func topic(named name: String) -> TopicID? { numbers[name.lowercased()] }

    package func name(of topic: TopicID) -> String { names[Int(topic.rawValue)] }

    func row(of topic: TopicID) -> UnsafePointer<Int8> {
        precondition(Int(topic.rawValue) < names.count, "a topic of another list")
        return unsafe UnsafePointer(values + Int(topic.rawValue) * Limits.textDimension)
    }

    package func textRow(of topic: TopicID) -> TextRow {
        var copy = TextRow.zero
        let row = unsafe row(of: topic)
        for index in 0..<Limits.textDimension { copy[index] = unsafe row[index] }
        return copy
    }
}
