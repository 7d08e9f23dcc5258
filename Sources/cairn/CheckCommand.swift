import ArgumentParser
import Foundation
import Server

/// `cairn check`: whether a data directory is as it was written.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Verifies a data directory to the last byte, or repairs it.",
        discussion: """
            Reads all that a start would read and names everything that is not as it was written. \
            With --repair it cuts the directory back to the last record before the first damage, \
            says what is lost, and keeps what it took out in the folder 'lost'. No server may have \
            the directory. Exits with 0 when it is sound or repaired, 65 when it is damaged, 69 when \
            it is in use, 73 when it is missing.
            """)

    @Flag(help: "Cuts off what is damaged.")
    var repair = false

    @Argument(help: ArgumentHelp("The data directory.", valueName: "dir"))
    var directory: String

    func run() throws {
        do throws(DataError) {
            let report =
                repair ? try DataCheck.repair(directory) : try DataCheck.check(directory)
            for line in report.lines { print(line) }
            if !report.isSound { throw DataError.damaged }
        } catch {
            if error != .damaged {
                FileHandle.standardError.write(Data("\(error.message(of: directory))\n".utf8))
            }
            throw ExitCode(error.exitCode)
        }
    }
}
