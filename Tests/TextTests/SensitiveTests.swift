import Domain
import Testing

@testable import Text

@Suite struct SensitiveTests {
    static let sensitive: [(SensitiveLabel, String)] = [
        (.religion, "which hotels are close to the Grand Mosque in Mecca"),
        (.religion, "can you find a church near me with a service in English"),
        (.religion, "our son has his bar mitzvah in May, what do guests wear"),
        (.religion, "I stopped believing in God last year"),
        (.sexuality, "my girlfriend and I are the only lesbian couple in the village"),
        (.sexuality, "how do I come out to my parents"),
        (.sexuality, "our sex life is dull since the move"),
        (.sexuality, "a colleague is transgender, what should I call her"),
        (.politics, "how do I register to vote from abroad"),
        (.politics, "compare the two presidential candidates for me"),
        (.politics, "I am going to a protest march against the new pension law"),
        (.politics, "why does this senator oppose gun control"),
        (.health, "my inhaler is empty and the pharmacy is closed"),
        (.health, "snack ideas for a child with type 1 diabetes"),
        (.health, "I keep having panic attacks on the train"),
        (.health, "we have been trying to conceive for a year"),
        (.ethnicity, "as a black woman in Munich, where do I find a hairdresser"),
        (.ethnicity, "my grandparents were Ashkenazi, how do I trace my ancestry"),
        (.ethnicity, "are Roma people still discriminated against in Europe"),
        (.philosophy, "which book of Nietzsche should I read first"),
        (.philosophy, "is it ever morally wrong to tell the truth"),
        (.philosophy, "I try to live as a Stoic, any daily exercises?"),
        (.union, "how much are the union dues for a nurse"),
        (.union, "is it legal to fire somebody for joining a trade union"),
        (.union, "the shop steward asked me to help with collective bargaining"),
    ]

    @Test("sentences of each category are blocked", arguments: sensitive)
    func blocked(_ label: SensitiveLabel, _ text: String) throws {
        let judgement = try #require(try Model.judge(text))
        #expect(judgement.sensitive != nil)
        #expect(judgement.probabilities.values.allSatisfy { $0 <= judgement.probability })
    }

    @Test(
        "every category has sentences that carry its own label", arguments: SensitiveLabel.allCases)
    func labelled(_ label: SensitiveLabel) throws {
        let own = Self.sensitive.filter { $0.0 == label }
        #expect(own.count >= 3)
        let right = try own.count { try Model.judge($0.1)?.sensitive == label }
        #expect(right >= 2, "\(label): \(right) of \(own.count)")
    }

    /// Homonyms, brand names and idioms. No model passes every one; MODEL.md has the share of a larger set.
    private static let lookalikes = [
        "we lost the race to the airport by five minutes",
        "the bakery makes a healthy profit",
        "what is the union of two sets",
        "a strike in bowling and then a spare",
        "Doctor Who, the complete first season on disc",
        "my computer has a virus, which scanner helps",
        "extra virgin olive oil, cold pressed",
        "paint the hallway white and the door black",
        "black friday deals on televisions",
        "the human race against the machine in chess",
        "which rash guard for surfing in spring",
        "how do I write the stroke order of this character",
        "pride and prejudice audiobook",
        "devil's food cake with cream",
        "a cult classic at the open air cinema",
        "the alarm woke me up at six",
        "monk fruit sweetener for lemonade",
        "Western Union transfer fees",
        "a party for my sister's thirtieth birthday",
        "straight cut or slim fit jeans",
        "Jeep Grand Cherokee roof rack",
    ]

    @Test func `nearly all everyday sentences with sensitive-looking words pass`() throws {
        var blocked: [String] = []
        for text in Self.lookalikes {
            let reading = try Model.read(text)
            #expect(reading.language == .known)
            if try #require(reading.judgement).sensitive != nil { blocked.append(text) }
        }
        #expect(blocked.count <= Self.lookalikes.count / 10, "blocked: \(blocked)")
    }

    @Test(
        "the lexicon's terms match whole words only, in any case, with plurals, accents and hyphens",
        arguments: [
            ("a Catholic school trip", true), ("CATHOLICS of the parish", true),
            ("same-sex couples", true), ("same sex couples", true), ("women’s rights", true),
            ("women's rights", true), ("diabètes", true), ("a sexton's house", false),
            ("Essex in spring", false), ("the godwit is a bird", false),
        ])
    func words(_ text: String, _ isSensitive: Bool) throws {
        let model = try Model.shared.get()
        #expect((model.readItem(text.utf8.span).sensitive != nil) == isSensitive)
    }

    @Test("one sensitive sentence among many blocks the whole")
    func dilution() throws {
        let tour = "Plan a bike tour along the Danube for us. We need a hotel in Linz."
        let tyres = "Which tyres are best for gravel?"
        #expect(try #require(try Model.judge("\(tour) \(tyres)")).sensitive == nil)
        let mixed = "\(tour) Then she told me about her chemotherapy. \(tyres)"
        #expect(try #require(try Model.judge(mixed)).sensitive != nil)
    }
}
