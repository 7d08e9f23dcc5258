import Foundation
import Server
import Testing

/// The built program: what it prints, how it ends, and that all instruction sets rank alike.
@Suite(.serialized) struct CommandLineTests {
    @Test func `the help is written for a newcomer`() async throws {
        let general = try await Program.run(["--help"])
        #expect(general.status == 0)
        #expect(general.output.contains("OVERVIEW: An in-memory ranking server."))
        #expect(general.output.contains("redis-cli -p 6480 RANK anyone SURFACE ads TOP 10"))
        #expect(general.output.contains("serve"))
        let serve = try await Program.run(["serve", "--help"])
        #expect(serve.status == 0)
        for option in [
            "--port", "--bind", "--config", "--policy", "--log-level", "--print-config",
            "--print-policy",
        ] {
            #expect(serve.output.contains(option))
        }
        #expect(serve.output.contains("CAIRN_ISA"))
        let version = try await Program.run(["--version"])
        #expect(version.output == "\(CairnVersion.current)\n")
    }

    @Test func `the shipped configuration is printed as it is`() async throws {
        let printed = try await Program.run(["serve", "--print-config"])
        #expect(printed.status == 0)
        #expect(printed.output == ServerConfiguration.shippedText)
    }

    @Test func `the shipped policy is printed as it is`() async throws {
        let printed = try await Program.run(["serve", "--print-policy"])
        #expect(printed.status == 0)
        #expect(printed.output == ServerConfiguration.shippedPolicyText)
        #expect(printed.output.contains("\n    \"AT\",  # Austria\n"))
    }

    @Test func `a policy file is taken from the option, or else from the configuration`()
        async throws
    {
        let policy = try TemporaryFile("version = 1\n[link]\nacross_products = \"never\"\n")
        let loose = try TemporaryFile("version = 1\n[notice]\nrequired = false\n")
        let config = try TemporaryFile("[policy]\nfile = \"\(policy.path)\"\n")
        let looseConfig = try TemporaryFile("[policy]\nfile = \"\(loose.path)\"\n")
        for arguments in [
            ["--policy", policy.path], ["--config", config.path],
            ["--config", looseConfig.path, "--policy", policy.path],
        ] {
            let program = try Program(["serve", "--port", "0"] + arguments)
            let client = try await TestClient.connect(to: try await program.port())
            #expect(try await client.ask("POLICY.GET").contains("across_products = \"never\""))
            #expect(await program.end(by: SIGTERM).status == 0)
        }
    }

    @Test(arguments: [
        (
            "version = 1\n[regions]\nexcluded = [\"FR\"]\n",
            "configuration: policy.regions.excluded: to leave out AT, BE,"
        ),
        ("version = 2\n", "configuration: policy.version: 2 is newer than 1"),
        ("version = 1\n[notise]\n", "configuration: policy.notise: there is no such setting"),
        ("version =", "configuration: policy.syntax: "),
    ])
    func `a policy that cannot be used ends with 78`(_ text: String, _ message: String) async throws
    {
        let file = try TemporaryFile(text)
        let ended = try await Program.run(["serve", "--policy", file.path])
        #expect(ended.status == 78)
        #expect(ended.errors.contains(message))
        #expect(ended.output.isEmpty)
    }

    @Test(arguments: [
        (["serve", "--port", "70000"], "configuration: server.port: 70000 is not a port"),
        (
            ["serve", "--bind", "0.0.0.0"],
            "configuration: server.password: the server would be open to everyone who reaches "
                + "0.0.0.0: set a password, or bind to 127.0.0.1"
        ),
        (
            ["serve", "--config", "/nonexistent/cairn.toml"],
            "configuration: --config: cannot read '/nonexistent/cairn.toml'"
        ),
        (
            ["serve", "--policy", "/nonexistent/policy.toml"],
            "configuration: --policy: cannot read '/nonexistent/policy.toml'"
        ),
    ])
    func `a wrong configuration ends with 78`(_ arguments: [String], _ message: String) async throws
    {
        let ended = try await Program.run(arguments)
        #expect(ended.status == 78)
        #expect(ended.errors.contains(message))
        #expect(ended.output.isEmpty)
    }

    @Test func `a setting that does not exist in a file ends with 78`() async throws {
        let file = try TemporaryFile("[server]\nprot = 1\n")
        let ended = try await Program.run(["serve", "--config", file.path])
        #expect(ended.status == 78)
        #expect(ended.errors.contains("configuration: server.prot: there is no such setting"))
    }

    @Test(arguments: [
        (["serve", "--port", "many"], "The value 'many' is invalid for '--port <port>'"),
        (["serve", "--loud"], "Unknown option '--loud'"),
        (["serve", "--log-level", "loud"], "The value 'loud' is invalid for '--log-level"),
    ])
    func `a wrong option ends with 64`(_ arguments: [String], _ message: String) async throws {
        let ended = try await Program.run(arguments)
        #expect(ended.status == 64)
        #expect(ended.errors.contains(message))
    }

    @Test func `a port that is taken ends with 69`() async throws {
        try await TestServer.with { server in
            let ended = try await Program.run(["serve", "--port", "\(server.port)"])
            #expect(ended.status == 69)
            #expect(ended.errors.contains("cannot bind to 127.0.0.1:\(server.port): "))
        }
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func `a signal ends the server with 0`(_ signal: Int32) async throws {
        let program = try Program(["serve", "--port", "0"])
        let port = try await program.port()
        let client = try await TestClient.connect(to: port)
        #expect(try await client.ask("PING") == "+PONG")
        let ended = await program.end(by: signal)
        #expect(ended.status == 0)
        #expect(ended.output == "cairn ready on 127.0.0.1:\(port)\n")
        #expect(try await client.readToEnd().isEmpty)
    }

    @Test func `an instruction set that this machine cannot run is refused`() async throws {
        let supported = try await Self.supported()
        let foreign = supported.contains("neon") ? "avx2" : "neon"
        let ended = try await Program.run(["serve", "--port", "0"], isa: foreign)
        #expect(ended.status == 78)
        #expect(
            ended.errors.contains(
                "configuration: CAIRN_ISA: this machine cannot run '\(foreign)'; it runs "
                    + supported.joined(separator: ", ")))
        let unknown = try await Program.run(["serve", "--port", "0"], isa: "mmx")
        #expect(unknown.status == 78)
        #expect(
            unknown.errors.contains(
                "configuration: CAIRN_ISA: unknown instruction set 'mmx'; this machine runs "
                    + supported.joined(separator: ", ")))
    }

    @Test func `every instruction set gives the same bytes`() async throws {
        let supported = try await Self.supported()
        #expect(supported.contains("scalar"))
        var replies: [String: [UInt8]] = [:]
        for name in supported {
            let program = try Program(["serve", "--port", "0"], isa: name)
            let client = try await TestClient.connect(to: try await program.port())
            #expect(try await client.ask("INFO server").contains("\r\nisa:\(name)\r\n"))
            replies[name] = try await Self.conversation(with: client)
            #expect(await program.end(by: SIGTERM).status == 0)
        }
        for name in supported { #expect(replies[name] == replies["scalar"], "\(name)") }
    }

    private static func supported() async throws -> [String] {
        let program = try Program(["serve", "--port", "0"])
        let client = try await TestClient.connect(to: try await program.port())
        let info = try await client.ask("INFO server")
        _ = await program.end(by: SIGTERM)
        let line = try #require(
            info.split(whereSeparator: \.isNewline).first { $0.hasPrefix("isa_supported:") })
        return line.dropFirst("isa_supported:".count).split(separator: ",").map(String.init)
    }

    /// Random vectors in both spaces, signals of every class, and rankings with their reasons.
    private static func conversation(with client: TestClient) async throws -> [UInt8] {
        var random = SeededRandom(seed: 7)
        func vector(_ count: Int) -> [UInt8] {
            Blob.vector((0..<count).map { _ in Float.random(in: -1...1, using: &random) })
        }
        var commands: [[[UInt8]]] = []
        for index in 0..<300 {
            let kind = ["post", "ad", "group"][index % 3]
            commands.append(
                words(of: "ITEM.ADD i\(index) KIND \(kind) BID 900 VECTOR text", vector(128))
                    + words(of: "VECTOR taste", vector(128), "SIGNALVECTOR taste") + [vector(128)])
        }
        for (index, type) in ["LIKE", "VIEW", "HIDE", "SHARE", "CLICK", "IMPRESSION"].enumerated() {
            for number in 0..<40 {
                commands.append(
                    words(
                        of: "SIGNAL u \(type) ITEM i\(index * 37 + number) AT \(number * 1_000_000)"
                    ))
            }
        }
        for surface in ["feed", "ads", "groups"] {
            let at = "SURFACE \(surface) AT 50000000"
            commands.append(words(of: "RANK u \(at)"))
            commands.append(
                words(of: "RANK u \(at) CONTEXT ITEM i5 CONTEXT VECTOR taste", vector(128)))
            for index in 0..<30 { commands.append(words(of: "EXPLAIN u i\(index) \(at)")) }
        }
        try await client.send(commands.flatMap { encoded($0) })
        var replies: [UInt8] = []
        for _ in commands {
            let reply = try await client.replyBytes()
            #expect(reply.first != UInt8(ascii: "-"))
            replies += reply
        }
        return replies
    }
}
