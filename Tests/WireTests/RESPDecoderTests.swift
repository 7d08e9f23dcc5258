import Domain
import Testing

import Wire

/// Bytes that a client sends, and what they mean.
struct Stream: CustomTestStringConvertible, Sendable {
    let name: String
    let bytes: [UInt8]
    let commands: [[[UInt8]]]
    let error: WireError?

    init(_ name: String, _ text: String, _ commands: [[String]] = [], error: WireError? = nil) {
        self.init(
            name, bytes: [UInt8](text), commands.map { $0.map { [UInt8]($0) } }, error: error)
    }

    init(_ name: String, bytes: [UInt8], _ commands: [[[UInt8]]] = [], error: WireError? = nil) {
        self.name = name
        self.bytes = bytes
        self.commands = commands
        self.error = error
    }

    var testDescription: String { name }
}

let goodStreams: [Stream] = [
    Stream("one array", "*1\r\n$4\r\nPING\r\n", [["PING"]]),
    Stream(
        "two in a row", "*1\r\n$4\r\nPING\r\n*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\n",
        [["PING"], ["ECHO", "hi"]]),
    Stream("an empty argument", "*2\r\n$4\r\nECHO\r\n$0\r\n\r\n", [["ECHO", ""]]),
    Stream(
        "line ends in an argument", "*2\r\n$4\r\nECHO\r\n$4\r\n\r\n\r\n\r\n",
        [["ECHO", "\r\n\r\n"]]),
    Stream("an empty array is nothing", "*0\r\n*1\r\n$4\r\nPING\r\n", [[], ["PING"]]),
    Stream("a null array is nothing", "*-1\r\n*1\r\n$4\r\nPING\r\n", [[], ["PING"]]),
    Stream("inline", "PING\r\n", [["PING"]]),
    Stream("inline with LF alone", "PING\n", [["PING"]]),
    Stream("inline with many spaces", "  ECHO \t hi  \r\n", [["ECHO", "hi"]]),
    Stream("empty lines", "\r\n\n  \r\nPING\r\n", [[], [], [], ["PING"]]),
    Stream("double quotes", "ECHO \"a b\"\r\n", [["ECHO", "a b"]]),
    Stream("an empty quotation", "ECHO \"\" ''\r\n", [["ECHO", "", ""]]),
    Stream(
        "escapes", bytes: [UInt8](#"ECHO "\x41\xfF\n\r\t\a\b\\\"\q\x4""# + "\r\n"),
        [
            [
                [UInt8]("ECHO"),
                [0x41, 0xFF, 10, 13, 9, 7, 8] + [UInt8](#"\"qx4"#),
            ]
        ]),
    Stream("single quotes", #"ECHO 'a\n"b\'c'"# + "\r\n", [["ECHO", #"a\n"b'c"#]]),
    Stream("a quotation in the middle", "ECHO ab\"c d\"\r\n", [["ECHO", "abc d"]]),
    Stream("a backslash without quotes", #"ECHO a\nb"# + "\r\n", [["ECHO", #"a\nb"#]]),
    Stream(
        "arrays and lines mixed", "PING\r\n*1\r\n$4\r\nPING\r\nPING\n",
        [["PING"], ["PING"], ["PING"]]),
    Stream(
        "bytes of every value", bytes: [UInt8]("*1\r\n$256\r\n") + [UInt8](0...255) + [13, 10],
        [[[UInt8](0...255)]]),
]

let badStreams: [Stream] = [
    Stream("a count in letters", "*abc\r\n", error: .invalidCount),
    Stream("no count", "*\r\n", error: .invalidCount),
    Stream("a negative count", "*-2\r\n", error: .invalidCount),
    Stream("a count with a zero in front", "*01\r\n", error: .invalidCount),
    Stream("a count with a plus", "*+1\r\n", error: .invalidCount),
    Stream("a count with a space", "*1 \r\n", error: .invalidCount),
    Stream("a count without LF", "*1\rx", error: .invalidCount),
    Stream("a huge count", "*100065\r\n", error: .invalidCount),
    Stream("a count over 64 bits", "*9223372036854775808\r\n", error: .invalidCount),
    Stream(
        "a count line without end", "*" + String(repeating: "1", count: 32),
        error: .countLineTooLong),
    Stream("no dollar", "*1\r\nx", error: .expectedBulk(found: UInt8(ascii: "x"), argument: 0)),
    Stream(
        "an array in an array", "*1\r\n*1\r\n$4\r\nPING\r\n",
        error: .expectedBulk(found: UInt8(ascii: "*"), argument: 0)),
    Stream(
        "a simple string as argument", "*2\r\n$4\r\nECHO\r\n+hi\r\n",
        error: .expectedBulk(found: UInt8(ascii: "+"), argument: 1)),
    Stream("a length in letters", "*1\r\n$x\r\n", error: .invalidLength(argument: 0)),
    Stream("a null argument", "*2\r\n$4\r\nECHO\r\n$-1\r\n", error: .invalidLength(argument: 1)),
    Stream("a huge length", "*1\r\n$1048577\r\n", error: .invalidLength(argument: 0)),
    Stream(
        "a length over 64 bits", "*1\r\n$18446744073709551616\r\n",
        error: .invalidLength(argument: 0)),
    Stream(
        "a length line without end", "*1\r\n$" + String(repeating: "0", count: 33),
        error: .lengthLineTooLong(argument: 0)),
    Stream(
        "a length that is too short", "*1\r\n$3\r\nPING\r\n", error: .missingLineEnd(argument: 0)),
    Stream("CR without LF", "*1\r\n$4\r\nPING\rx", error: .missingLineEnd(argument: 0)),
    Stream(
        "a length that is too long", "*1\r\n$5\r\nPING\r\n*1\r\n",
        error: .missingLineEnd(argument: 0)),
    Stream("open double quotes", "ECHO \"a\r\n", error: .unbalancedQuotes),
    Stream("open single quotes", "ECHO 'a\r\n", error: .unbalancedQuotes),
    Stream("a quotation with something behind it", "ECHO \"a\"b\r\n", error: .unbalancedQuotes),
    Stream("a backslash at the end of a quotation", "ECHO \"a\\\r\n", error: .unbalancedQuotes),
    Stream("a form post", "POST / HTTP/1.1\r\n", error: .webRequest),
    Stream(
        "a web request", "GET / HTTP/1.1\r\nHost: a\r\n", [["GET", "/", "HTTP/1.1"]],
        error: .webRequest),
    Stream("good, then bad", "*1\r\n$4\r\nPING\r\n*x\r\n", [["PING"]], error: .invalidCount),
]

@Suite("The decoder")
struct RESPDecoderTests {
    @Test("reads good streams, however they are cut", arguments: goodStreams)
    func goodStreamsDecode(_ stream: Stream) {
        verify(stream)
    }

    @Test("says what is wrong with bad streams, however they are cut", arguments: badStreams)
    func badStreamsFail(_ stream: Stream) {
        verify(stream)
    }

    /// In one piece, byte by byte and cut in two everywhere.
    private func verify(_ stream: Stream) {
        let whole = DecodeOutcome(feeding: [stream.bytes])
        #expect(whole.commands == stream.commands)
        #expect(whole.error == stream.error)
        #expect(DecodeOutcome(feeding: stream.bytes.map { [$0] }) == whole)
        for cut in 0...stream.bytes.count {
            let pieces = [Array(stream.bytes[..<cut]), Array(stream.bytes[cut...])]
            #expect(DecodeOutcome(feeding: pieces) == whole, "cut at \(cut)")
        }
    }

    @Test("waits for the rest of a truncated command")
    func truncatedCommandsWait() {
        let bytes = [UInt8]("*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\n")
        for count in 0..<bytes.count {
            let outcome = DecodeOutcome(feeding: [Array(bytes[..<count])])
            #expect(outcome.commands.isEmpty && outcome.error == nil)
            #expect(outcome.bytesLeft == count)
        }
    }

    @Test("does not wait for the end of a line that is too long")
    func longLinesFailEarly() {
        let line = [UInt8](repeating: UInt8(ascii: "a"), count: Limits.inlineBytesMax)
        #expect(DecodeOutcome(feeding: [line + [10]]).commands.count == 1)
        #expect(DecodeOutcome(feeding: [line]).error == nil)
        #expect(DecodeOutcome(feeding: [line + [97]]).error == .inlineTooLong)
        #expect(DecodeOutcome(feeding: [line + [97, 10]]).error == .inlineTooLong)
        let tenMegabytes = [UInt8](repeating: UInt8(ascii: "a"), count: 10 << 20)
        #expect(DecodeOutcome(feeding: [tenMegabytes]).error == .inlineTooLong)
    }

    @Test("takes the most and longest arguments, and not one more")
    func limitsHold() {
        let most = Limits.argumentsMax
        let many = [UInt8]("*\(most)\r\n" + String(repeating: "$1\r\na\r\n", count: most))
        #expect(DecodeOutcome(feeding: [many]).commands.first?.count == most)
        let long = [UInt8](repeating: 0, count: Limits.bulkBytesMax)
        let longest = [UInt8]("*1\r\n$\(long.count)\r\n") + long + [13, 10]
        #expect(DecodeOutcome(feeding: [longest]).commands.first?.first?.count == long.count)
        let sixteen =
            [UInt8]("*17\r\n")
            + Array(repeatElement(Array(longest.dropFirst(4)), count: 16).joined())
        #expect(DecodeOutcome(feeding: [sixteen]).error == .commandTooLong(argument: 15))
    }

    @Test("takes only short commands before the client has authenticated")
    func strangersAreLimited() {
        func outcome(_ text: String) -> DecodeOutcome {
            DecodeOutcome(feeding: [[UInt8](text)], isTrusted: false)
        }
        #expect(outcome("*2\r\n$4\r\nAUTH\r\n$1\r\na\r\n").commands.count == 1)
        #expect(outcome("*11\r\n").error == .strangerCount)
        #expect(outcome("*1\r\n$16385\r\n").error == .strangerLength(argument: 0))
        #expect(outcome("a b c d e f g h i j k\r\n").error == .strangerCount)
    }

    @Test("reads a command of 100,000 arguments once, though it comes in small pieces")
    func longCommandsAreResumed() {
        let count = Limits.candidatesMax
        let bytes = [UInt8]("*\(count)\r\n" + String(repeating: "$8\r\n12345678\r\n", count: count))
        var decoder = RESPDecoder()
        var calls = 0
        let clock = ContinuousClock()
        let time = clock.measure {
            var end = 0
            while end < bytes.count {
                end = min(bytes.count, end + 100)
                let found = try? decoder.next(in: bytes.span.extracting(0..<end))
                #expect((found == bytes.count) == (end == bytes.count))
                calls += 1
            }
        }
        #expect(calls == (bytes.count + 99) / 100)
        // From the start each time it would be 7 billion steps.
        #expect(time < .seconds(10))
    }

    @Test("makes the same of random bytes, however they are cut")
    func randomBytesDecodeAlike() {
        var random = SeededRandom(seed: 20_251_216)
        for _ in 0..<3_000 {
            let bytes = random.stream()
            let whole = DecodeOutcome(feeding: [bytes])
            #expect(DecodeOutcome(feeding: bytes.map { [$0] }) == whole, "\(bytes)")
            #expect(DecodeOutcome(feeding: random.pieces(of: bytes)) == whole, "\(bytes)")
        }
    }

    @Test(
        "names errors as redis does",
        arguments: [
            (WireError.invalidCount, "ERR Protocol error: invalid multibulk length"),
            (.countLineTooLong, "ERR Protocol error: too big mbulk count string"),
            (
                .expectedBulk(found: 0x78, argument: 2),
                "ERR Protocol error: expected '$', got 'x' at argument 2"
            ),
            (
                .expectedBulk(found: 0x0A, argument: 0),
                #"ERR Protocol error: expected '$', got '\x0a' at argument 0"#
            ),
            (.invalidLength(argument: 1), "ERR Protocol error: invalid bulk length of argument 1"),
            (
                .lengthLineTooLong(argument: 1),
                "ERR Protocol error: too big bulk count string of argument 1"
            ),
            (.missingLineEnd(argument: 1), "ERR Protocol error: expected CRLF after argument 1"),
            (.commandTooLong(argument: 1), "ERR Protocol error: too big command at argument 1"),
            (.strangerCount, "ERR Protocol error: unauthenticated multibulk length"),
            (
                .strangerLength(argument: 1),
                "ERR Protocol error: unauthenticated bulk length of argument 1"
            ),
            (.inlineTooLong, "ERR Protocol error: too big inline request"),
            (.unbalancedQuotes, "ERR Protocol error: unbalanced quotes in request"),
            (.webRequest, "ERR Protocol error: a web request reached the RESP port"),
        ])
    func messages(_ error: WireError, _ message: String) {
        #expect(error.message == message)
    }
}
