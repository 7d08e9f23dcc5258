import ArgumentParser
import Foundation
import Logging
import NIOCore
import Server
import ServiceLifecycle
import UnixSignals

/// `cairn serve`: runs the server until SIGTERM or SIGINT.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs the server until it is told to stop.",
        discussion: """
            Without options it listens on 127.0.0.1, port 6480, with the surfaces feed, groups and \
            ads. A line 'cairn ready on ADDRESS:PORT' on standard output tells that clients may \
            connect. SIGTERM or SIGINT ends it: no new connections, commands in flight are \
            answered, then it exits with 0. Other codes: 69 the address is taken or the drain took \
            too long, 78 the configuration is wrong.

            Environment: CAIRN_ISA chooses the instruction set of the core (scalar, sse2, avx2, \
            avx512vnni, neon, neon-dotprod); all give the same bytes.
            """)

    @Option(help: "The port to listen on; 0 takes a free one. (default: 6480)")
    var port: Int?

    @Option(help: "The address to listen on; beyond loopback a password is required.")
    var bind: String?

    @Option(
        help: ArgumentHelp(
            "A TOML file with settings and surfaces; 'cairn serve --print-config' shows one.",
            valueName: "file"))
    var config: String?

    @Option(help: "trace, debug, info, notice, warning, error or critical.")
    var logLevel: Logger.Level = .info

    @Flag(help: "Prints the shipped configuration and ends.")
    var printConfig = false

    func run() async throws {
        if printConfig {
            print(ServerConfiguration.shippedText, terminator: "")
            return
        }
        var logger = Logger(label: "cairn", factory: StreamLogHandler.standardError(label:))
        logger.logLevel = logLevel
        do {
            let configuration = try loadConfiguration()
            let server = try CairnServer.make(configuration, logger: logger) { address in
                // Written at once: whoever waits for this line reads a pipe.
                FileHandle.standardOutput.write(
                    Data("cairn ready on \(address.ipAddress ?? "?"):\(address.port ?? 0)\n".utf8))
            }
            try await ServiceGroup(
                services: [server], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger
            ).run()
        } catch let error as ConfigurationError {
            logger.error("\(error.message)")
            throw ExitCode(78)
        } catch let error as CairnServer.Failure {
            logger.error("\(error.message)")
            throw ExitCode(69)
        }
    }

    private func loadConfiguration() throws -> ServerConfiguration {
        var configuration = try ServerConfiguration.shipped()
        if let config {
            guard let text = try? String(contentsOfFile: config, encoding: .utf8) else {
                throw ConfigurationError("--config", "cannot read '\(config)'")
            }
            try configuration.apply(toml: text)
        }
        if let port { configuration.port = port }
        if let bind { configuration.bind = bind }
        try configuration.check()
        return configuration
    }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
