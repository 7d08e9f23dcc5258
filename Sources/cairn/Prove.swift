import ArgumentParser
import Engine
import Foundation
import Proof
import Server

/// `cairn prove`: tries the promises of the policy on the engine, with random logs.
struct Prove: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tries to break the promises about what never reaches ads.",
        discussion: """
            It makes random histories of users, items, chats, likes, settings and requests, runs each \
            on the engine of this very program, and checks a promise on it: for instance that every \
            reply to an advertiser is, byte for byte, what it is when the signals that the policy \
            keeps out had never been sent. Which signals these are is read off the announced rule by \
            a few dozen lines that know nothing of the engine.

            It prints how often each promise was tried and a digest of all that was compared. The \
            same seed and number of cases give the same digest on every machine with the same text \
            models. When a promise breaks it prints the shortest history that breaks it, as commands \
            for redis-cli, and ends with 1.

            With --server it does the same to a running server over its socket, for those who do not \
            trust this program: each history is told once with and once without what is kept out, of \
            two users side by side, or to two servers. It adds surfaces that begin with 'proof.' and \
            takes its users and items back when it ends. Do not point it at a server that earns \
            money.

            From outside it cannot see what is held but by EXPORT, nor the journal and the digest of \
            the state ('state' compares them here), nor what a restart or a snapshot leaves \
            ('restart', 'snapshot', 'again'); and it leaves the server's policy as it is ('policy'). \
            These are tried here only. All else is tried from outside as well.
            """)

    @Option(help: "Where the random histories begin; the same seed gives the same ones.")
    var seed: UInt64 = 1

    @Option(help: "How many histories to try. (default: 100000, with --server 1000)")
    var cases: Int?

    @Option(
        help: ArgumentHelp(
            "One promise alone, by its name in the table; may be given again.", valueName: "name"))
    var property: [String] = []

    @Option(help: "Threads. (default: as many as the machine has cores)")
    var threads: Int?

    @Option(
        help: ArgumentHelp(
            "A running server; given twice, two of them that are compared.",
            valueName: "host:port"))
    var server: [String] = []

    @Option(help: ArgumentHelp("Another file of the gate.", valueName: "file"))
    var gate: String?

    @Flag(help: "Takes what messages say from the labels of the corpus, not from the text models.")
    var labels = false

    func run() throws {
        do throws(ProofError) {
            guard server.isEmpty else { return try ask(.labelled) }
            let world = try makeWorld()
            print("messages read by \(world.judge)")
            try prove(world)
        } catch {
            throw ValidationError(error.message)
        }
    }

    private func chosen(_ all: [Property]) throws(ProofError) -> [Property] {
        for name in property where !all.contains(where: { $0.name == name }) {
            let known = all.map(\.name).joined(separator: ", ")
            throw ProofError("no promise is called '\(name)'; there are \(known)")
        }
        return property.isEmpty ? all : all.filter { property.contains($0.name) }
    }

    private func prove(_ world: World) throws(ProofError) {
        var prover = Prover(world)
        prover.seed = seed
        prover.casesCount = max(1, cases ?? 100_000)
        prover.threadsCount = max(1, threads ?? ProcessInfo.processInfo.activeProcessorCount)
        prover.properties = try chosen(Property.all)
        let start = ContinuousClock.now
        let outcome = try prover.run()
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        if let failure = outcome.failure { fail(failure, world) }
        print("\ncases     promise")
        for (property, count) in zip(prover.properties, outcome.counts) {
            print("\(padded(count))  \(property.name): \(property.promise)")
        }
        print(
            """

            \(outcome.casesCount) cases, \(outcome.comparisons) replies compared, \
            \(String(format: "%.1f", seconds)) seconds, instruction set \(InstructionSet.current)
            digest of seed \(seed): \(outcome.digest)
            every promise holds
            """)
    }

    private func ask(_ world: World) throws(ProofError) {
        var prover = try SocketProver(world, servers: server)
        prover.seed = seed
        prover.casesCount = max(1, cases ?? 1_000)
        print("messages read by the server")
        let outcome = try prover.run()
        if let failure = outcome.failure { fail(failure, world) }
        print(
            """
            \(outcome.casesCount) cases, \(outcome.comparisons) replies compared
            digest of seed \(seed): \(outcome.digest)
            every promise holds
            """)
    }

    private func fail(_ failure: Prover.Failure, _ world: World) -> Never {
        print(
            """

            BROKEN  \(failure.property): \(failure.promise)

            \(failure.account)

            The shortest history that breaks it (seed \(seed), case \(failure.caseNumber)), for a new \
            server and redis-cli:

            \(World.surfaceCommands.map { $0.joined(separator: " ") }.joined(separator: "\n"))
            \(failure.log.text(in: world))
            """)
        Foundation.exit(1)
    }

    private func makeWorld() throws(ProofError) -> World {
        do throws(ConfigurationError) {
            try CairnServer.useInstructionSet()
        } catch {
            throw ProofError(error.message)
        }
        return labels ? .labelled : try World.read(gatePath: gate)
    }

    private func padded(_ number: Int) -> String {
        let digits = String(number)
        return digits + String(repeating: " ", count: max(0, 8 - digits.count))
    }
}
