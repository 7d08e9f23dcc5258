import NIOCore
import Server
import Testing
import Wire

/// Commands with the replies they must get, in order, on one connection.
struct Conversation: CustomTestStringConvertible, Sendable {
    /// One command and its reply, in the notation of `ReplyText`.
    struct Step: Sendable {
        let command: [[UInt8]]
        /// The reply in RESP2.
        let two: String
        let three: String

        init(_ line: String, _ reply: String, three: String? = nil) {
            self.init(words(of: line), reply, three: three)
        }

        init(_ command: [[UInt8]], _ reply: String, three: String? = nil) {
            self.command = command
            two = reply
            self.three = three ?? reply
        }

        /// A reply as a tree, in the forms that each RESP has for it.
        init(_ line: String, is reply: Reply) {
            self.init(words(of: line), is: reply)
        }

        init(_ command: [[UInt8]], is reply: Reply) {
            self.init(
                command, Self.notation(of: reply, in: .two),
                three: Self.notation(of: reply, in: .three))
        }

        /// A ranking: ids with their scores as the server writes them.
        init(_ line: String, ranking: KeyValuePairs<String, String>) {
            self.init(words(of: line), ranking: ranking)
        }

        init(_ command: [[UInt8]], ranking: KeyValuePairs<String, String>) {
            let two = ranking.map { "\"\($0)\", \"\($1)\"" }.joined(separator: ", ")
            let three = ranking.map { "[\"\($0)\", ,\($1)]" }.joined(separator: ", ")
            self.init(command, "[\(two)]", three: "[\(three)]")
        }

        private static func notation(of reply: Reply, in version: RESPVersion) -> String {
            var writer = ReplyWriter(version: version)
            writer.reply(reply)
            return ReplyText.notation(of: Array(writer.buffer.readableBytesView))
        }
    }

    let name: String
    let steps: [Step]

    init(_ name: String, _ steps: [Step]) {
        self.name = name
        self.steps = steps
    }

    var testDescription: String { name }

    /// Plays the conversation on servers of its own: in RESP2 and in RESP3, step by step and all
    /// commands in one write.
    ///
    /// - Parameter inTwo: Play it in RESP2 only, without any HELLO.
    func play(
        inTwo: Bool = false,
        _ change: @escaping @Sendable (inout ServerConfiguration) -> Void = { _ in }
    ) async throws {
        for version in inTwo ? [2] : [2, 3] {
            for isPipelined in [false, true] {
                try await TestServer.with(change) { server in
                    let client = try await server.connect()
                    if version == 3 { _ = try await client.ask("HELLO 3") }
                    try await play(on: client, version: version, isPipelined: isPipelined)
                }
            }
        }
    }

    private func play(on client: TestClient, version: Int, isPipelined: Bool) async throws {
        if isPipelined { try await client.send(steps.flatMap { encoded($0.command) }) }
        for step in steps {
            if !isPipelined { try await client.send(encoded(step.command)) }
            let reply = try await client.reply()
            let expected = version == 2 ? step.two : step.three
            let line = step.command.map { String(decoding: $0, as: UTF8.self) }
                .joined(separator: " ").prefix(200)
            #expect(
                reply == expected,
                "RESP\(version)\(isPipelined ? ", pipelined" : ""): \(line)")
        }
    }
}
