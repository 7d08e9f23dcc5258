import Digest

/// A promise about every log, with logs to try it on and a check that can fail.
package struct Property: Sendable {
    /// A word, which chooses it on the command line.
    package let name: String
    /// What is promised, as a sentence.
    package let promise: String
    /// One case in so many of those that the properties share.
    let rarity: Int
    let mix: @Sendable () -> Mix
    /// `nil` when the promise holds of the log, as it does of one that it says nothing about.
    let check: @Sendable (Log, Bench) -> Breach?

    init(
        _ name: String, _ promise: String, rarity: Int = 1, mix: @escaping @Sendable () -> Mix,
        check: @escaping @Sendable (Log, Bench) -> Breach?
    ) {
        self.name = name
        self.promise = promise
        self.rarity = rarity
        self.mix = mix
        self.check = check
    }

    func log(seed: UInt64, number: Int, world: World) -> Log {
        let random = SeededRandom(seed: seed, property: name, number: number)
        var generator = Generator(world: world, mix: mix(), random: random)
        return generator.log()
    }
}

/// How a promise was broken.
package struct Breach: Error, Sendable, Equatable {
    /// In words for a person.
    package let account: String
}

/// What logs run on, each time as if it were new.
protocol LogPlayer: AnyObject {
    /// Puts everything back to the beginning.
    func reset()
    /// What a new server answers to the log, step by step.
    func play(_ log: Log) -> [Observation]
    /// What it answers to one step more.
    func take(_ step: Step) -> Observation
    /// Names all that is held, if it can be told.
    var stateDigest: String? { get }
    /// What was written of the log's changes, one record each, if that can be told.
    var journal: [[UInt8]]? { get }
    /// Carries out what a journal says.
    func replay(_ journal: [[UInt8]])
    /// All that is held, as a snapshot's file has it, if that can be told.
    func snapshot() -> [UInt8]?
    /// Puts what a snapshot says in the place of everything.
    func restore(_ snapshot: [UInt8])
    /// Whether `play` goes through a snapshot in the middle of each log.
    var savesMidway: Bool { get set }
}

/// Where logs are compared: two players, and a record of all that was.
final class Bench {
    let world: World
    let left: any LogPlayer
    let right: any LogPlayer
    /// The players' clock.
    private let now: Int64
    /// The products of surfaces that the players have besides the world's.
    private let otherProducts: [String?]
    /// Every byte that was compared or checked in the case in hand.
    private(set) var record: [UInt8] = []
    private(set) var comparisons = 0

    init(
        _ world: World, _ left: any LogPlayer, _ right: any LogPlayer, now: Int64,
        otherProducts: [String?] = []
    ) {
        self.world = world
        self.otherProducts = otherProducts
        self.left = left
        self.right = right
        self.now = now
    }

    convenience init(_ world: World) throws(ProofError) {
        self.init(world, try Machine(world), try Machine(world), now: Machine.now)
    }

    func makeOracle() -> Oracle {
        Oracle(world: world, now: now, otherProducts: otherProducts)
    }

    /// The SHA-256 of what was compared in the case in hand.
    func digestOfCase() -> [UInt8] {
        var digest = SHA256Digest.Stream()
        let bytes = record
        digest.add(bytes.span)
        return digest.finish()
    }

    /// Every so many cases of all properties one player goes through a snapshot, the other does not.
    /// Each forks the process, and every page that is written next is copied.
    private static let snapshotCases = 509

    func beginCase(_ number: Int) {
        record.removeAll(keepingCapacity: true)
        left.savesMidway = number % Self.snapshotCases == 0
    }

    func note(_ reply: [UInt8]) {
        record.append(contentsOf: reply)
        record.append(0)
        comparisons += 1
    }

    /// Compares what two logs brought for the same step.
    func compare(_ step: Step, _ one: Observation, _ other: Observation, _ why: String) -> Breach? {
        note(one.reply)
        guard one.reply != other.reply else { return nil }
        return Breach(
            account: """
                \(why)

                to      \(step.line(in: world))
                it says
                \(one.text)
                and else
                \(other.text)
                """)
    }

    /// Plays the log, and without the steps at some places; compares the replies to the others that
    /// `isCompared` names, and what is then held about each user.
    func compare(
        _ log: Log, without isLeftOut: (Int) -> Bool, _ why: String,
        holdings: Holdings = .none, where isCompared: (Int) -> Bool
    ) -> Breach? {
        let kept = log.steps.indices.filter { !isLeftOut($0) }
        let whole = left.play(log)
        let rest = right.play(Log(kept.map { log.steps[$0] }))
        for (place, index) in kept.enumerated() where isCompared(index) {
            if let breach = compare(log.steps[index], whole[index], rest[place], why) {
                return breach
            }
        }
        return holdings == .none ? nil : compareHoldings(why, holdings)
    }

    /// What is compared besides replies.
    enum Holdings {
        case none
        /// All that a request could see.
        case visible
        case all
    }

    /// Compares what the two players hold: about each user, and in all.
    func compareHoldings(_ why: String, _ holdings: Holdings = .all) -> Breach? {
        for user in World.users {
            let step = Step(at: 0, command: .export(user: user))
            var (one, other) = (left.take(step), right.take(step))
            if holdings == .all {
                one.reply += one.reserve
                other.reply += other.reserve
            }
            if let breach = compare(step, one, other, why) { return breach }
        }
        guard holdings == .all else { return nil }
        guard let one = left.stateDigest, let other = right.stateDigest else { return nil }
        note(Array(one.utf8))
        guard one != other else { return nil }
        return Breach(account: "\(why): the digests of the states differ")
    }
}
