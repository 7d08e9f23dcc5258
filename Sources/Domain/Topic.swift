/// The number of an everyday topic in the closed list that the text model carries.
public struct TopicID: Hashable, Sendable, RawRepresentable {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }
}

/// How strongly something is about a topic.
public struct TopicWeight: Hashable, Sendable {
    public let topic: TopicID
    /// The cosine between text and topic, in units of 1/255: 255 is certain.
    public let weight: UInt8

    public init(topic: TopicID, weight: UInt8) {
        self.topic = topic
        self.weight = weight
    }
}
