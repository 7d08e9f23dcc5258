import ArgumentParser
import Server

/// The command line: the front doors, and no logic of its own.
@main
struct Cairn: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cairn",
        abstract: "An in-memory ranking server.",
        discussion: """
            Cairn ranks posts, groups and ads for a person from what they did, what they told an \
            AI assistant and where they are right now, in microseconds, and keeps what must not \
            reach ads out of them.

            Start it with 'cairn serve' and talk to it with any Redis client:

                redis-cli -p 6480 ITEM.ADD ad:boots KIND ad BID 2500000 TEXT "Hiking boots"
                redis-cli -p 6480 RANK anyone SURFACE ads TOP 10
            """,
        version: CairnVersion.current,
        subcommands: [
            Serve.self, Prove.self, LoadCommand.self, CheckCommand.self, ExportCommand.self,
            ImportCommand.self,
            TextCommand.self,
        ])
}
