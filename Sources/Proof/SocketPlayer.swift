/// Runs logs on a server, through its socket alone.
///
/// Users of two players of one server have different names of one length, and no reply but `EXPORT`
/// says them: there the name is put back.
final class SocketPlayer: LogPlayer {
    private let world: World
    private let client: RESPClient
    /// Behind every user's name.
    private let mark: String
    /// Why the conversation has ended, if it has.
    private(set) var failure: ProofError?

    init(_ world: World, _ client: RESPClient, mark: String) {
        self.world = world
        self.client = client
        self.mark = mark
    }

    func reset() {
        let users = World.users.map { ["FORGET", $0 + mark] }
        let commands = users + [["ITEM.DEL"] + World.items.map(\.id)] + World.surfaceCommands
        _ = ask(commands.map { $0.map { Array($0.utf8) } })
    }

    func play(_ log: Log) -> [Observation] {
        reset()
        return answers(to: log.steps)
    }

    /// A server has more in it than the log.
    var stateDigest: String? { nil }
    var journal: [[UInt8]]? { nil }

    func replay(_ journal: [[UInt8]]) {}
    func snapshot() -> [UInt8]? { nil }
    func restore(_ snapshot: [UInt8]) {}
    var savesMidway = false

    func take(_ step: Step) -> Observation { answers(to: [step])[0] }

    private func answers(to steps: [Step]) -> [Observation] {
        let replies = ask(
            steps.map { step in
                var words = step.words(in: world)
                // A user's name is the second word of every command about one.
                if step.command.user != nil { words[1] += mark.utf8 }
                return words
            })
        return zip(steps, replies).map(observation)
    }

    private func ask(_ commands: [[[UInt8]]]) -> [[UInt8]] {
        do throws(ProofError) {
            if failure == nil { return try client.ask(commands) }
        } catch {
            failure = error
        }
        return commands.map { _ in [] }
    }

    /// An export without its length and what full rings keep in reserve, and that.
    private static func withoutReserve(_ text: String) -> ([UInt8], [UInt8]) {
        let json = text.drop { $0 != "{" }
        guard let start = json.firstRange(of: ",\"reserve\":["),
            let end = json.firstRange(of: ",\"impressions\":[")
        else { return (Array(text.utf8), []) }
        let rest = json[..<start.lowerBound] + json[end.lowerBound...]
        return (Array(rest.utf8), Array(json[start.lowerBound..<end.lowerBound].utf8))
    }

    private func observation(of step: Step, _ reply: [UInt8]) -> Observation {
        var seen = Observation()
        seen.reply = reply
        switch step.command {
        case .export(let user):
            let text = seen.text.replacing("\"\(user)\(mark)\"", with: "\"\(user)\"")
            (seen.reply, seen.reserve) = Self.withoutReserve(text)
        case .rank: seen.ranking = RESPValue(reply)?.ranking ?? []
        case .explain:
            seen.report = RESPValue(reply)?.report
            seen.tellsFilter = false
        default: break
        }
        guard step.command.isSignal else { return seen }
        let text = String(decoding: reply.dropLast(2), as: UTF8.self)
        seen.verdict =
            if text == "+USED" {
                .used
            } else if text.hasPrefix("+IGNORED ") {
                .ignored(String(text.dropFirst(9)))
            } else {
                .refused
            }
        return seen
    }
}
