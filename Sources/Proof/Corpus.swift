import Domain
import Engine
import Policy

/// The messages and texts that logs are made of, each with what a person says it is about.
package enum Corpus {
    package struct Message: Sendable {
        enum Language { case known, unclear }

        package let text: String
        let topics: [String]
        let sensitive: SensitiveLabel?
        let language: Language
        let isJudged: Bool

        init(
            _ text: String, _ topics: String..., sensitive: SensitiveLabel? = nil,
            language: Language = .known, isJudged: Bool = true
        ) {
            self.text = text
            self.topics = topics
            self.sensitive = sensitive
            self.language = language
            self.isJudged = isJudged
        }

        /// What models without faults would leave of it.
        var labelledReading: MessageReading {
            isJudged
                ? MessageReading(
                    language: language == .known ? .known : .unclear, sensitive: sensitive,
                    topics: topics.enumerated().compactMap { place, name in
                        Corpus.topics.firstIndex(of: name).map {
                            TopicWeight(
                                topic: TopicID(rawValue: UInt16($0)),
                                weight: UInt8(230 - 40 * place))
                        }
                    })
                : .unjudged(language: language == .known ? .known : .unclear)
        }
    }

    package struct ItemText: Sendable {
        package let text: String
        let topics: [String]
        let sensitive: SensitiveLabel?
    }

    /// Of the closed list, those that logs name.
    static let topics: [String] = [
        "hiking", "camping", "cycling", "chess", "coffee", "cooking", "baking", "gardening",
        "cars", "photography", "violin and cello", "shoes and sneakers",
    ]

    static let messages: [Message] = [
        Message("planning a hike in the Dolomites, which boots?", "hiking", "shoes and sneakers"),
        Message("which trail is best for a long day of hiking?", "hiking"),
        Message("new strings for my cello before the concert", "violin and cello"),
        Message("where can I buy a tent for camping by the lake?", "camping", "hiking"),
        Message("my bicycle needs new tyres before the summer tour", "cycling"),
        Message("what opening should I learn first in chess?", "chess"),
        Message("how do I grind coffee for a french press?", "coffee"),
        Message("a good pan for cooking risotto, any ideas?", "cooking"),
        Message("my bread does not rise, what am I doing wrong baking it?", "baking", "cooking"),
        Message("when should I plant tomatoes in the garden?", "gardening"),
        Message("which estate car has the largest boot?", "cars"),
        Message("a lens for taking photographs of birds", "photography"),
        Message("white sneakers that go with everything", "shoes and sneakers"),
        Message("how long after chemo can I hike again?", "hiking", sensitive: .health),
        Message("my depression is back and I cannot sleep", sensitive: .health),
        Message("I want to convert to Islam, where do I begin?", sensitive: .religion),
        Message("baking for the communion at our church", "baking", sensitive: .religion),
        Message("I think I am gay and afraid to tell my parents", sensitive: .sexuality),
        Message("who should I vote for in the election on Sunday?", sensitive: .politics),
        Message("the party's new programme on immigration is a disgrace", sensitive: .politics),
        Message("as a Roma family we are treated badly here", sensitive: .ethnicity),
        Message("I have become a vegan anarchist out of conviction", sensitive: .philosophy),
        Message("our union is going on strike, how do I join?", sensitive: .union),
        Message("zxqv plmk wrtgh nbvcx qqpl", language: .unclear),
        Message("wie lange muss der Teig für das Brot im Ofen bleiben", language: .unclear),
        Message("hm", language: .unclear),
        Message("okay, thank you, see you then", sensitive: nil),
        Message("what did the letter say about it, all in all?", isJudged: false),
    ]

    static let itemTexts: [ItemText] = [
        ItemText(
            text: "Waterproof hiking boots, spring sale", topics: ["hiking", "shoes and sneakers"],
            sensitive: nil),
        ItemText(
            text: "Strings and bows for violin and cello", topics: ["violin and cello"],
            sensitive: nil),
        ItemText(
            text: "Cast iron pans for cooking and baking", topics: ["cooking", "baking"],
            sensitive: nil),
        ItemText(
            text: "Tents and stoves for camping", topics: ["camping", "hiking"], sensitive: nil),
        ItemText(
            text: "A chess club that meets over coffee", topics: ["chess", "coffee"],
            sensitive: nil),
        ItemText(
            text: "Lenses for photographers who travel by car", topics: ["photography", "cars"],
            sensitive: nil),
        ItemText(
            text: "Seeds and tools for the garden", topics: ["gardening"], sensitive: nil),
        ItemText(
            text: "Support group for people after chemotherapy", topics: ["hiking"],
            sensitive: .health),
        ItemText(
            text: "Sunday service and choir of the Baptist church", topics: ["violin and cello"],
            sensitive: .religion),
        ItemText(
            text: "Join the trade union of the cooks", topics: ["cooking"], sensitive: .union),
    ]
}
