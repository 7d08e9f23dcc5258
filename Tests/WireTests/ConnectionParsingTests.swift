import Domain
import Testing
import Wire

@Suite("Connection commands")
struct ConnectionParsingTests {
    @Test(
        "are parsed",
        arguments: [
            ("PING", .ping(nil)), ("INFO", .info([])),
            ("info Memory COMMANDS", .info(["memory", "commands"])),
            ("SELECT 0", .select), ("RESET", .reset), ("QUIT", .quit), ("QUIT now", .quit),
            ("AUTH secret", .auth(Credentials(password: [UInt8]("secret")))),
            ("AUTH me secret", .auth(Credentials(user: "me", password: [UInt8]("secret")))),
            ("HELLO", .hello(HelloCommand())),
            ("HELLO 2", .hello(HelloCommand(version: .two))),
            (
                "HELLO 3 setname app auth me secret",
                .hello(
                    HelloCommand(
                        version: .three,
                        credentials: Credentials(user: "me", password: [UInt8]("secret")),
                        name: "app"))
            ),
            ("CLIENT ID", .client(.id)), ("client getname", .client(.getName)),
            ("CLIENT SETNAME app", .client(.setName("app"))),
            ("CLIENT SETINFO lib-name redis-py", .client(.setLibraryName("redis-py"))),
            ("CLIENT SETINFO LIB-VER 5.0", .client(.setLibraryVersion("5.0"))),
            ("CLIENT HELP", .client(.help)), ("COMMAND", .command(.all)),
            ("COMMAND COUNT", .command(.count)), ("COMMAND LIST", .command(.list)),
            ("COMMAND INFO", .command(.all)),
            ("COMMAND INFO rank x", .command(.info(["rank", "x"]))),
            ("COMMAND DOCS", .command(.docs([]))), ("command docs rank", .command(.docs(["rank"]))),
            ("COMMAND HELP", .command(.help)),
        ] as [(String, Command)])
    func commands(_ text: String, _ command: Command) throws {
        #expect(try parse([.split(text)]) == command)
    }

    @Test("give a message back as it is")
    func messages() throws {
        for word in ["PING", "ECHO"] {
            let bytes: [UInt8]? = try parse([.split(word), .bytes([0, 255, 13, 10])]) {
                command, arguments in
                switch command {
                case .ping(let range?), .echo(let range):
                    range == arguments.ranges[1] ? arguments.copied()[1] : nil
                default: nil
                }
            }
            #expect(bytes == [0, 255, 13, 10])
        }
    }

    @Test("take a client's name away with an empty one")
    func emptyName() throws {
        #expect(try parse(["CLIENT SETNAME", .one("")]) == .client(.setName("")))
    }

    @Test("say what is wrong", arguments: badConnections)
    func errors(_ bad: BadCommand) {
        #expect(errorMessage(bad.words) == bad.message)
    }
}

private let badConnections: [BadCommand] = [
    BadCommand("FLUSHALL", "ERR unknown command 'FLUSHALL', with args beginning with: "),
    BadCommand("GET a b", "ERR unknown command 'GET', with args beginning with: 'a' 'b'"),
    BadCommand([.one("")], "ERR unknown command '', with args beginning with: "),
    BadCommand(
        [.bytes([0] + [UInt8]("PING"))],
        "ERR unknown command '\0PING', with args beginning with: "),
    BadCommand([.bytes([0x50, 0])], "ERR unknown command 'P\0', with args beginning with: "),
    BadCommand(
        "CATALOGUE.COMMITS", "ERR unknown command 'CATALOGUE.COMMITS', with args beginning with: "),
    BadCommand(
        [
            .one(String(repeating: "x", count: 1_000)), .one(String(repeating: "y", count: 1_000)),
            "z",
        ],
        "ERR unknown command '\(String(repeating: "x", count: 128))', with args beginning with: "
            + "'\(String(repeating: "y", count: 128))'"),
    BadCommand("PING a b", "ERR wrong number of arguments for 'ping' command"),
    BadCommand("ECHO", "ERR wrong number of arguments for 'echo' command"),
    BadCommand("AUTH", "ERR wrong number of arguments for 'auth' command"),
    BadCommand("AUTH a b c", "ERR wrong number of arguments for 'auth' command"),
    BadCommand("SELECT", "ERR wrong number of arguments for 'select' command"),
    BadCommand("SELECT 1", "ERR DB index is out of range"),
    BadCommand("RESET now", "ERR wrong number of arguments for 'reset' command"),
    BadCommand("HELLO 4", "NOPROTO unsupported protocol version"),
    BadCommand("HELLO 9223372036854775807", "NOPROTO unsupported protocol version"),
    BadCommand(
        "HELLO three",
        "ERR invalid version for 'hello' command: 'three' is not a whole number"),
    BadCommand("HELLO 3 USER a", "ERR unknown option 'USER' for 'hello' command"),
    BadCommand("HELLO 3 AUTH a", "ERR missing value of option 'AUTH' for 'hello' command"),
    BadCommand(
        ["HELLO 3 SETNAME", .one("a b")],
        "ERR invalid SETNAME for 'hello' command: Client names cannot contain spaces, newlines or "
            + "special characters."),
    BadCommand("CLIENT", "ERR wrong number of arguments for 'client' command"),
    BadCommand("CLIENT KILL a", "ERR unknown subcommand 'KILL'. Try CLIENT HELP."),
    BadCommand("CLIENT ID 5", "ERR wrong number of arguments for 'client|id' command"),
    BadCommand("CLIENT SETNAME", "ERR wrong number of arguments for 'client|setname' command"),
    BadCommand(
        "CLIENT SETINFO LIB-COLOUR red", "ERR unknown option 'LIB-COLOUR' for 'client' command"),
    BadCommand(
        ["CLIENT SETNAME", .one("a b")],
        "ERR invalid name for 'client' command: Client names cannot contain spaces, newlines or "
            + "special characters."),
    BadCommand("COMMAND STATS", "ERR unknown subcommand 'STATS'. Try COMMAND HELP."),
    BadCommand("COMMAND COUNT a", "ERR wrong number of arguments for 'command|count' command"),
]
