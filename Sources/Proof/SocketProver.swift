import Digest
import Glibc
import Policy

/// Tries the promises on running servers, knowing nothing of them but their replies.
///
/// One server: two users of it side by side. Two servers: the same users on both. What a message
/// says is asked of the server first; all else is read off the announced rule.
package struct SocketProver {
    package var seed: UInt64 = 1
    package var casesCount = 1_000
    private let world: World
    private let bench: Bench
    private let players: [SocketPlayer]

    /// The promises that can be seen from outside, and that change no policy.
    package static let properties: [Property] = [
        .verdicts, .ads, .order, .content, .state, .closed, .region, .notice, .link, .time,
        .modality,
        .flagged, .retract, .forget, .suppress, .others, .explain, .isolation,
    ]

    /// - Parameter servers: `host:port`, one or two.
    package init(_ base: World, servers: [String]) throws(ProofError) {
        guard (1...2).contains(servers.count) else {
            throw ProofError("--server may be given once or twice")
        }
        var clients: [RESPClient] = []
        for server in servers { clients.append(try RESPClient(server)) }
        for client in clients { try Self.prepare(client) }
        let world = try Self.world(asReadBy: clients[0], base)
        let marks = clients.count == 1 ? [".a", ".b"] : [".a", ".a"]
        let players = zip([clients[0], clients[clients.count - 1]], marks).map {
            SocketPlayer(world, $0, mark: $1)
        }
        self.world = world
        self.players = players
        bench = Bench(
            world, players[0], players[1], now: Int64(time(nil)) * 1_000,
            otherProducts: try Self.otherProducts(of: clients[0]))
    }

    package func run() throws(ProofError) -> Prover.Outcome {
        var outcome = Prover.Outcome()
        var digests: [UInt8] = []
        defer { for player in players { player.reset() } }
        for number in 0..<casesCount {
            let property = Self.properties[number % Self.properties.count]
            let log = property.log(seed: seed, number: number, world: world)
                .withoutPolicies
            bench.beginCase(number)
            let breach = property.check(log, bench)
            if let failure = players.lazy.compactMap(\.failure).first { throw failure }
            outcome.casesCount += 1
            if let breach {
                outcome.failure = failure(of: property, number, log, breach)
                break
            }
            digests += bench.digestOfCase()
        }
        outcome.comparisons = bench.comparisons
        var digest = SHA256Digest.Stream()
        digest.add(digests.span)
        outcome.digest = SHA256Digest.hexadecimal(digest.finish())
        return outcome
    }

    private func failure(
        of property: Property, _ number: Int, _ log: Log, _ breach: Breach
    ) -> Prover.Failure {
        var shrinker = Shrinker(triesMax: 1_000) { log in property.check(log, bench) != nil }
        let smallest = shrinker.shrink(log)
        return Prover.Failure(
            property: property.name, promise: property.promise, caseNumber: number, log: smallest,
            account: (property.check(smallest, bench) ?? breach).account)
    }

    // MARK: The server

    /// Makes the surfaces, and sees that the announced policy is in use.
    private static func prepare(_ client: RESPClient) throws(ProofError) {
        for command in World.surfaceCommands {
            let reply = try client.ask([command.map { Array($0.utf8) }])[0]
            guard reply.starts(with: "+OK".utf8) else {
                let words = String(decoding: reply, as: UTF8.self)
                throw ProofError("the server refuses a surface: \(words)")
            }
        }
        let policy = try client.ask("POLICY.GET")
        guard policy.contains(try Rule.announced.table().canonicalText) else {
            throw ProofError("the server's policy is not the announced one, which is proved here")
        }
    }

    /// The products of the surfaces that the server has besides the world's, which decide what
    /// reaches a surface at all; servers that are compared have the same.
    private static func otherProducts(of client: RESPClient) throws(ProofError) -> [String?] {
        var products: [String?] = []
        for name in lines(try client.ask("SURFACE.GET"))
        where !name.hasPrefix("*") && !name.hasPrefix("$") && !World.surfaces.contains(name) {
            let words = lines(try client.ask("SURFACE.GET", name))
            guard let place = words.firstIndex(of: "product"), place + 2 < words.count else {
                throw ProofError("the server does not say whose the surface '\(name)' is")
            }
            products.append(words[place + 1] == "$-1" ? nil : words[place + 2])
        }
        return products
    }

    private static func lines(_ reply: String) -> [String] {
        reply.split(separator: "\r\n").map(String.init)
    }

    /// The world with its texts as the server reads them.
    private static func world(
        asReadBy client: RESPClient, _ base: World
    ) throws(ProofError) -> World {
        let probe = World.users[0] + ".a"
        var gates: [String: String] = [:]
        var topics: [String: [String]] = [:]
        for message in Corpus.messages {
            _ = try client.ask("FORGET", probe)
            _ = try client.ask(
                "USER.SET", probe, "REGION", "US", "NOTICE", "2025-10-07T00:00:00Z", "AT", "0")
            gates[message.text] = try client.ask(
                "SIGNAL", probe, "CHAT", "TEXT", message.text, "AT", "2025-12-20T00:00:00Z")
            // What is held of it is all that was understood.
            topics[message.text] = Self.topics(inExport: try client.ask("EXPORT", probe))
        }
        _ = try client.ask("FORGET", probe)
        var flags: [String: String] = [:]
        for text in Corpus.itemTexts {
            flags[text.text] = try client.ask(
                "ITEM.ADD", World.items[0].id, "KIND", World.adKind, "TEXT", text.text)
        }
        _ = try client.ask("ITEM.DEL", World.items[0].id)
        return World(base, gates: gates, topics: topics, flags: flags)
    }

    /// The names behind every `"topic":`.
    private static func topics(inExport text: String) -> [String] {
        text.split(separator: "\"topic\":\"").dropFirst().compactMap {
            $0.split(separator: "\"").first.map(String.init)
        }
    }
}
