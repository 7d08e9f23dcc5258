import ArgumentParser
import Foundation
import Server

/// `cairn export`: a data directory as JSON lines.
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Prints all that a data directory holds as JSON lines.",
        discussion: """
            One object a line: the head {"cairn": ...}, the {"policy": ...}, every {"surface": ...}, \
            every {"item": ...} and every {"user": ...} with settings, signals by item or topic, and \
            impressions. 'cairn import' reads it back: the digest of the state is the same. No \
            server may have the directory.
            """)

    @Argument(help: ArgumentHelp("The data directory.", valueName: "dir"))
    var directory: String

    func run() throws {
        try reporting(directory) { () throws(DataError) in
            try DataTransfer.export(directory) {
                try FileHandle.standardOutput.write(contentsOf: $0)
            }
        }
    }
}

/// `cairn import`: JSON lines into an empty data directory.
struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Reads what 'cairn export' printed into an empty data directory.")

    @Option(help: ArgumentHelp("The data directory, which exists and is empty.", valueName: "dir"))
    var data: String

    @Argument(help: ArgumentHelp("The file; - is standard input.", valueName: "file"))
    var file: String

    func run() throws {
        try reporting(data) { () throws(DataError) in try DataTransfer.import(file, into: data) }
    }
}

/// Says on standard error what was moved, or why not.
private func reporting(
    _ directory: String, _ body: () throws(DataError) -> DataTransfer.Summary
) throws {
    do throws(DataError) {
        let summary = try body()
        say("\(summary.items) items, \(summary.users) users, state \(summary.stateDigest)")
    } catch {
        say(error.message(of: directory))
        throw ExitCode(error.exitCode)
    }
}

private func say(_ line: String) {
    FileHandle.standardError.write(Data("\(line)\n".utf8))
}
