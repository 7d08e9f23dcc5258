/// The commands that fill a Cairn server before a run: one loop's share of the items, or of the
/// users with what they have done.
struct SetupSource {
    enum Stage: CaseIterable { case items, users }

    /// Chats count from this day on, see the policy.
    private static let notice = "2025-10-07T00:00:00Z"

    private let stage: Stage
    private let plan: LoadPlan
    private let shares: Int
    private var number: Int
    /// Of the user at `number`: 0 is its settings, then likes, then chats.
    private var step = 0
    private var random: RandomSource

    init(_ stage: Stage, _ plan: LoadPlan, share: Int, of shares: Int) {
        self.stage = stage
        self.plan = plan
        self.shares = shares
        number = share
        random = RandomSource(seed: plan.seed, stream: UInt64(share) &+ (1 << 41))
    }

    mutating func next(into writer: inout CommandWriter) -> Int? {
        switch stage {
        case .items:
            guard number < plan.population.items else { return nil }
            CatalogueItem(number, plan.population, seed: plan.seed).add(to: &writer)
            number += shares
        case .users:
            guard number < plan.population.users else { return nil }
            userStep(into: &writer)
        }
        return 0
    }

    private mutating func userStep(into writer: inout CommandWriter) {
        let user = "u" + String(number)
        if step == 0 {
            writer.command("USER.SET", user, "REGION", "US", "NOTICE", Self.notice)
        } else if step <= plan.population.likes {
            writer.begin(words: 7)
            writer.word("SIGNAL")
            writer.word(user)
            writer.word("LIKE")
            writer.word("ITEM")
            writer.word(random.below(plan.population.items))
            writer.word("ID")
            writer.word("setup-\(step)")
        } else {
            Chatter.topic(user, random.next(), into: &writer)
        }
        step += 1
        if step > plan.population.likes + plan.population.chats {
            step = 0
            number += shares
        }
    }
}

/// The same for any server: each template once for each user.
struct TemplateSetupSource {
    private let templates: [CommandTemplate]
    private let users: Int
    private let shares: Int
    private var number: Int
    private var step = 0
    private var random: RandomSource

    init(_ plan: LoadPlan, share: Int, of shares: Int) {
        templates = plan.setupTemplates
        users = plan.population.users
        self.shares = shares
        number = share
        random = RandomSource(seed: plan.seed, stream: UInt64(share) &+ (1 << 42))
    }

    mutating func next(into writer: inout CommandWriter) -> Int? {
        guard number < users, !templates.isEmpty else { return nil }
        templates[step].write(
            user: number, item: number, sequence: number, &random, into: &writer)
        step += 1
        if step == templates.count {
            step = 0
            number += shares
        }
        return 0
    }
}
