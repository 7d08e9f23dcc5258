import NIOCore
import Testing

@testable import Load

struct ReplyScannerTests {
    private static let replies: [(String, ReplyScanner.Outcome)] = [
        ("+OK\r\n", .value), ("+INDEED\r\n", .value), ("+\r\n", .value), (":-12\r\n", .value),
        ("$5\r\nab\r\nc\r\n", .value), ("$0\r\n\r\n", .value), ("$-1\r\n", .null),
        ("*-1\r\n", .null), ("_\r\n", .null), ("*0\r\n", .value),
        ("*2\r\n$3\r\n-ER\r\n*2\r\n:1\r\n$-1\r\n", .value), (",1.5\r\n", .value),
        ("#t\r\n", .value), ("(123456789012345678901234567890\r\n", .value),
        ("%2\r\n+a\r\n:1\r\n+b\r\n*1\r\n$1\r\nx\r\n", .value), ("~1\r\n:1\r\n", .value),
        ("=7\r\ntxt:abc\r\n", .value), (">2\r\n+message\r\n$1\r\nx\r\n:7\r\n", .value),
        ("+IGNORED sensitive\r\n", .ignored("IGNORED sensitive")),
        ("-ERR no such thing\r\n", .error(word: "ERR", message: "ERR no such thing")),
        ("-LOADING\r\n", .error(word: "LOADING", message: "LOADING")),
        ("*1\r\n-ERR inside\r\n", .value), ("*1\r\n*1\r\n*1\r\n*0\r\n", .value),
    ]

    @Test func `replies end where they end, wherever the bytes are cut`() throws {
        let bytes = Self.replies.flatMap { Array($0.0.utf8) }
        let expected = Self.replies.map(\.1)
        for pieceBytes in [1, 2, 3, 7, 16, bytes.count] {
            var scanner = ReplyScanner()
            var found: [ReplyScanner.Outcome] = []
            var held: [UInt8] = []
            var index = 0
            while index < bytes.count {
                held += bytes[index..<min(index + pieceBytes, bytes.count)]
                index += pieceBytes
                var position = 0
                while let outcome = try scanner.next(in: held.span, from: &position) {
                    found.append(outcome)
                }
                // What is understood is not needed any more.
                held.removeFirst(position)
            }
            #expect(found == expected, "in pieces of \(pieceBytes)")
            #expect(held.isEmpty)
        }
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\n", "'HTTP/1.1 200 OK' where a reply begins"),
        ("$x\r\n", "'$x' has no length"), ("*\r\n", "'*' has no length"),
        ("\r\n", "an empty line where a reply begins"), ("+a\rb\r\n", "a CR without its LF"),
        ("$99999999999999999999\r\n", "'$9999999999999999999' has no length"),
    ])
    func `what is not RESP is said to be so`(_ text: String, _ message: String) {
        var scanner = ReplyScanner()
        var position = 0
        #expect(throws: ReplyScanner.Failure(message: message)) {
            try scanner.next(in: text.utf8.span, from: &position)
        }
    }

    @Test func `a line without an end is not searched for ever`() {
        let bytes = [UInt8(ascii: "+")] + Array(repeating: UInt8(ascii: "a"), count: 65_537)
        var scanner = ReplyScanner()
        var position = 0
        #expect(throws: ReplyScanner.Failure.self) {
            try scanner.next(in: bytes.span, from: &position)
        }
    }
}
