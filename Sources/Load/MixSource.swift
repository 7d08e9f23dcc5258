import Domain

/// Requests of a Cairn server by weights: users by Zipf's law, items all alike, candidate counts
/// with a heavy tail.
struct MixSource {
    private let sorts: [RequestMix.Sort]
    private let choice: WeightedChoice
    private let population: LoadPlan.Population
    private let ranking: LoadPlan.Ranking
    private let users: ZipfDistribution
    private let seed: UInt64
    private var random: RandomSource

    init(_ mix: RequestMix, _ plan: LoadPlan, _ random: RandomSource) {
        sorts = mix.weights.map(\.sort)
        choice = WeightedChoice(mix.weights.map(\.weight))
        population = plan.population
        ranking = plan.ranking
        users = ZipfDistribution(count: plan.population.users, alpha: plan.population.userAlpha)
        seed = plan.seed
        self.random = random
    }

    mutating func next(into writer: inout CommandWriter) -> Int {
        let index = choice.draw(&random)
        let user = "u" + String(users.draw(&random) - 1)
        switch sorts[index] {
        case .rank: rank(user, into: &writer)
        case .recommend: recommend(user, into: &writer)
        case .like: signal(user, "LIKE", into: &writer)
        case .impression: signal(user, "IMPRESSION", into: &writer)
        case .chat: Chatter.topic(user, random.next(), into: &writer)
        case .chatText: Chatter.text(user, random.next(), into: &writer)
        case .item:
            let item = random.below(population.items)
            CatalogueItem(item, population, seed: random.next()).add(to: &writer)
        }
        return index
    }

    private mutating func rank(_ user: String, into writer: inout CommandWriter) {
        let count = ranking.candidates.draw(&random)
        let budgetWords = ranking.budgetMicroseconds == nil ? 0 : 2
        let candidateWords = ranking.form == .packed ? 2 : count + 1
        writer.begin(words: 6 + budgetWords + candidateWords)
        request("RANK", user, into: &writer)
        var random = self.random
        let items = population.items
        switch ranking.form {
        case .packed:
            writer.word("PACKED")
            writer.packed(count: count) { random.below(items) }
        case .listed:
            writer.word("ITEMS")
            for _ in 0..<count { writer.word(random.below(items)) }
        }
        self.random = random
    }

    private func recommend(_ user: String, into writer: inout CommandWriter) {
        writer.begin(words: ranking.budgetMicroseconds == nil ? 6 : 8)
        request("RECOMMEND", user, into: &writer)
    }

    /// The words that both requests begin with.
    private func request(_ name: String, _ user: String, into writer: inout CommandWriter) {
        writer.word(name)
        writer.word(user)
        writer.word("SURFACE")
        writer.word(ranking.surface)
        writer.word("TOP")
        writer.word(ranking.top)
        if let budget = ranking.budgetMicroseconds {
            writer.word("BUDGET")
            writer.word(budget)
        }
    }

    private mutating func signal(
        _ user: String, _ type: String, into writer: inout CommandWriter
    ) {
        writer.begin(words: 5)
        writer.word("SIGNAL")
        writer.word(user)
        writer.word(type)
        writer.word("ITEM")
        writer.word(random.below(population.items))
    }
}

/// Chats about everyday matters, as a topic of the server's closed list or as a sentence.
enum Chatter {
    /// Of the closed list, so that no chat is ignored for want of a topic.
    static let topics = [
        "hiking", "camping", "skiing", "cycling", "running", "swimming", "surfing", "sailing",
        "fishing", "tennis", "golf", "chess", "coffee", "tea", "cooking", "baking", "pizza",
        "rock climbing", "mountain biking", "horse riding",
    ]

    static func topic(_ user: String, _ draw: UInt64, into writer: inout CommandWriter) {
        writer.begin(words: 5)
        begin(user, into: &writer)
        writer.word("TOPIC")
        writer.word(topics[Int(draw % UInt64(topics.count))])
    }

    static func text(_ user: String, _ draw: UInt64, into writer: inout CommandWriter) {
        let topic = topics[Int(draw % UInt64(topics.count))]
        writer.begin(words: 5)
        begin(user, into: &writer)
        writer.word("TEXT")
        writer.word(
            (draw >> 32) % 2 == 0
                ? "which gear do I need to start with \(topic) this spring?"
                : "my friends and I want to try \(topic) at the weekend, any ideas?")
    }

    private static func begin(_ user: String, into writer: inout CommandWriter) {
        writer.word("SIGNAL")
        writer.word(user)
        writer.word("CHAT")
    }
}

/// An item with vectors at random in the spaces that the server has.
struct CatalogueItem {
    private static let bidMicros = 1_000_000..<5_000_000
    /// A vector's values lie within this, so that its length is about 1.
    private static let spread: Float = 0.15

    private let number: Int
    private let population: LoadPlan.Population
    private var random: RandomSource

    init(_ number: Int, _ population: LoadPlan.Population, seed: UInt64) {
        self.number = number
        self.population = population
        random = RandomSource(seed: seed, stream: UInt64(number))
    }

    consuming func add(to writer: inout CommandWriter) {
        let isAd = population.kind == "ad"
        let hasTaste = population.tasteDimension > 0
        writer.begin(words: 7 + (hasTaste ? 3 : 0) + (isAd ? 2 : 0))
        writer.word("ITEM.ADD")
        writer.word(number)
        writer.word("KIND")
        writer.word(population.kind)
        if isAd {
            writer.word("BID")
            writer.word(Self.bidMicros.lowerBound + random.below(Self.bidMicros.count))
        }
        vector("text", Limits.textDimension, into: &writer)
        if hasTaste { vector("taste", population.tasteDimension, into: &writer) }
    }

    private mutating func vector(
        _ space: String, _ dimension: Int, into writer: inout CommandWriter
    ) {
        writer.word("VECTOR")
        writer.word(space)
        var random = self.random
        writer.vector(count: dimension) { (Float(random.unit()) * 2 - 1) * Self.spread }
        self.random = random
    }
}
