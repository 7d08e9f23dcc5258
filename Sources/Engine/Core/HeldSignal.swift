import CSIMD
import Domain

/// A signal as a profile holds it: by voice or by text makes no difference, so it is not kept.
package struct HeldSignal: Sendable, Equatable {
    /// What it is about: never text.
    package enum About: Sendable, Equatable {
        case item(slot: UInt32)
        case topics([TopicWeight])
        case vector(Space)
    }

    package var at: Timestamp
    /// The hash of the event's identifier; 0 when it has none.
    package var event: UInt64
    package var type: SignalType
    package var about: About
    /// The values, padded, when it is about a vector that a caller brought.
    package var vector: [Int8]?

    var raw: csimd_signal {
        var raw = csimd_signal()
        raw.time_ms = at.milliseconds
        raw.event = event
        raw.type = type.rawValue
        switch about {
        case .item(let slot):
            raw.about = UInt8(CSIMD_ABOUT_ITEM.rawValue)
            raw.subject = slot
        case .topics(let weights):
            raw.about = UInt8(CSIMD_ABOUT_TOPICS.rawValue)
            for (index, weight) in weights.prefix(Limits.chatTopicsMax).enumerated() {
                raw.set(weight, at: index)
            }
        case .vector(.text): raw.about = UInt8(CSIMD_ABOUT_TEXT_VECTOR.rawValue)
        case .vector(.taste): raw.about = UInt8(CSIMD_ABOUT_TASTE_VECTOR.rawValue)
        }
        return raw
    }

    init(_ raw: csimd_signal) {
        at = Timestamp(stored: raw.time_ms)
        event = raw.event
        guard let type = SignalType(rawValue: raw.type) else {
            preconditionFailure("a stored signal has the unknown type \(raw.type)")
        }
        self.type = type
        switch UInt32(raw.about) {
        case CSIMD_ABOUT_ITEM.rawValue: about = .item(slot: raw.subject)
        case CSIMD_ABOUT_TOPICS.rawValue:
            about = .topics((0..<Limits.chatTopicsMax).compactMap(raw.topicWeight(at:)))
        case CSIMD_ABOUT_TEXT_VECTOR.rawValue: about = .vector(.text)
        default: about = .vector(.taste)
        }
    }

    init(
        at: Timestamp, event: UInt64, type: SignalType, about: About, vector: [Int8]? = nil
    ) {
        self.at = at
        self.event = event
        self.type = type
        self.about = about
        self.vector = vector
    }
}

extension csimd_signal {
    func topicWeight(at index: Int) -> TopicWeight? {
        let (topic, weight) =
            switch index {
            case 0: (topics.0, topic_weights.0)
            case 1: (topics.1, topic_weights.1)
            default: (topics.2, topic_weights.2)
            }
        return weight == 0 ? nil : TopicWeight(topic: TopicID(rawValue: topic), weight: weight)
    }

    mutating func set(_ weight: TopicWeight, at index: Int) {
        switch index {
        case 0: (topics.0, topic_weights.0) = (weight.topic.rawValue, weight.weight)
        case 1: (topics.1, topic_weights.1) = (weight.topic.rawValue, weight.weight)
        default: (topics.2, topic_weights.2) = (weight.topic.rawValue, weight.weight)
        }
    }
}
