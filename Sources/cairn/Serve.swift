import ArgumentParser
import CoreMetrics
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
            connect; with --data it comes when all is loaded, and commands are answered LOADING \
            before. With HTTP a line 'cairn http on ADDRESS:PORT' comes before it. SIGTERM or SIGINT ends it: no new connections, commands in flight are \
            answered, then it exits with 0. Other codes: 65 the data are damaged or not for this \
            server, 69 the address or the data directory is in use or the drain took too long, \
            73 the data directory is missing or cannot be written, 78 the configuration is wrong.

            Environment: CAIRN_ISA chooses the instruction set of the core (scalar, sse2, avx2, \
            avx512vnni, neon, neon-dotprod); all give the same bytes.
            """)

    @Option(help: "The port to listen on; 0 takes a free one. (default: 6480)")
    var port: Int?

    @Option(help: "The address to listen on; beyond loopback a password is required.")
    var bind: String?

    @Option(help: "The port of the HTTP side; 0 takes a free one. (default: no HTTP)")
    var httpPort: Int?

    @Option(
        help: ArgumentHelp(
            "A TOML file with settings and surfaces; 'cairn serve --print-config' shows one.",
            valueName: "file"))
    var config: String?

    @Option(
        help: ArgumentHelp(
            "A TOML file with the policy; 'cairn serve --print-policy' shows the announced one, and "
                + "no file can say less. While the server runs: redis-cli -x POLICY.CHECK < FILE.",
            valueName: "file"))
    var policy: String?

    @Option(
        help: ArgumentHelp(
            "The directory that changes are kept in, which must exist; without one a restart "
                + "begins anew.",
            valueName: "dir"))
    var data: String?

    @Option(
        help: ArgumentHelp(
            "When a change is answered: always (after its sync), everysec (at once, synced within "
                + "a second) or off (at once). (default: everysec)",
            valueName: "mode"))
    var durability: String?

    @Option(help: "trace, debug, info, notice, warning, error or critical.")
    var logLevel: Logger.Level = .info

    @Option(help: "How log lines are written to standard error: text or json.")
    var logFormat: LogFormat = .text

    @Flag(help: "Prints the shipped configuration and ends.")
    var printConfig = false

    @Flag(help: "Prints the shipped policy and ends.")
    var printPolicy = false

    func run() async throws {
        if printConfig {
            print(ServerConfiguration.shippedText, terminator: "")
            return
        }
        if printPolicy {
            print(ServerConfiguration.shippedPolicyText, terminator: "")
            return
        }
        var logger = Logger(label: "cairn", factory: logFormat.handler(label:))
        logger.logLevel = logLevel
        do {
            let configuration = try loadConfiguration()
            let server = try CairnServer.make(
                configuration, logger: logger, whenHTTPReady: { say("cairn http on", $0) },
                whenReady: { say("cairn ready on", $0) })
            // Libraries that count through swift-metrics are seen too.
            MetricsSystem.bootstrap(server.metrics)
            try await ServiceGroup(
                services: [server], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger
            ).run()
        } catch let error as ConfigurationError {
            logger.error("\(error.message)")
            throw ExitCode(78)
        } catch let error as CairnServer.Failure {
            logger.error("\(error.message)")
            throw ExitCode(error.exitCode)
        }
    }

    private func loadConfiguration() throws -> ServerConfiguration {
        var configuration = try ServerConfiguration.shipped()
        if let config {
            try configuration.apply(toml: try text(of: config, setting: "--config"))
        }
        let setting = policy == nil ? "policy.file" : "--policy"
        if let policy { configuration.policyPath = policy }
        if !configuration.policyPath.isEmpty {
            try configuration.usePolicy(
                toml: try text(of: configuration.policyPath, setting: setting))
        }
        if let data { configuration.dataPath = data }
        if let durability { try configuration.use(durability: durability, of: "--durability") }
        if let port { configuration.port = port }
        if let bind { configuration.bind = bind }
        if let httpPort { configuration.httpPort = httpPort }
        try configuration.check()
        return configuration
    }

    private func text(of path: String, setting: String) throws(ConfigurationError) -> String {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw ConfigurationError(setting, "cannot read '\(path)'")
        }
        return text
    }
}

/// Written at once: whoever waits for the line reads a pipe.
private func say(_ what: String, _ address: SocketAddress) {
    FileHandle.standardOutput.write(
        Data("\(what) \(address.ipAddress ?? "?"):\(address.port ?? 0)\n".utf8))
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
extension LogFormat: ExpressibleByArgument {}
