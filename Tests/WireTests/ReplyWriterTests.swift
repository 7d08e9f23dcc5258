import NIOCore
import Testing
import Wire

/// A reply and its bytes in both versions.
struct WrittenReply: CustomTestStringConvertible, Sendable {
    let reply: Reply
    let two: String
    let three: String

    init(_ reply: Reply, two: String, three: String) {
        self.reply = reply
        self.two = two
        self.three = three
    }

    /// The same bytes in both.
    init(_ reply: Reply, _ text: String) { self.init(reply, two: text, three: text) }

    var testDescription: String { "\(reply)" }
}

private let writtenReplies: [WrittenReply] = [
    WrittenReply(nil, two: "$-1\r\n", three: "_\r\n"),
    WrittenReply(true, two: ":1\r\n", three: "#t\r\n"),
    WrittenReply(false, two: ":0\r\n", three: "#f\r\n"),
    WrittenReply(0, ":0\r\n"),
    WrittenReply(.integer(Int64.min), ":-9223372036854775808\r\n"),
    WrittenReply(.integer(Int64.max), ":9223372036854775807\r\n"),
    WrittenReply(0.5, two: "$3\r\n0.5\r\n", three: ",0.5\r\n"),
    WrittenReply(-0.0, two: "$2\r\n-0\r\n", three: ",-0\r\n"),
    WrittenReply(
        .double(-.leastNonzeroMagnitude), two: "$7\r\n-5e-324\r\n", three: ",-5e-324\r\n"),
    WrittenReply(
        .double(-2.225_073_858_507_201_4e-308), two: "$24\r\n-2.2250738585072014e-308\r\n",
        three: ",-2.2250738585072014e-308\r\n"),
    WrittenReply(
        .double(1.234_567_89e9), two: "$10\r\n1234567890\r\n", three: ",1234567890\r\n"),
    WrittenReply(.double(.infinity), two: "$3\r\ninf\r\n", three: ",inf\r\n"),
    WrittenReply(.double(-.infinity), two: "$4\r\n-inf\r\n", three: ",-inf\r\n"),
    WrittenReply(.double(.nan), two: "$3\r\nnan\r\n", three: ",nan\r\n"),
    WrittenReply(.double(-.nan), two: "$3\r\nnan\r\n", three: ",nan\r\n"),
    WrittenReply(.simple("OK"), "+OK\r\n"),
    WrittenReply(.error("ERR no\r\nline"), "-ERR no  line\r\n"),
    WrittenReply("", "$0\r\n\r\n"),
    WrittenReply("naïve\r\n", "$8\r\nnaïve\r\n\r\n"),
    WrittenReply(.bytes([0x61, 0x62]), "$2\r\nab\r\n"),
    WrittenReply(.verbatim("a b"), two: "$3\r\na b\r\n", three: "=7\r\ntxt:a b\r\n"),
    WrittenReply([], "*0\r\n"),
    WrittenReply([1, ["a"]], "*2\r\n:1\r\n*1\r\n$1\r\na\r\n"),
    WrittenReply(.set([1, 2]), two: "*2\r\n:1\r\n:2\r\n", three: "~2\r\n:1\r\n:2\r\n"),
    WrittenReply(
        ["b": 1, "a": nil], two: "*4\r\n$1\r\nb\r\n:1\r\n$1\r\na\r\n$-1\r\n",
        three: "%2\r\n$1\r\nb\r\n:1\r\n$1\r\na\r\n_\r\n"),
]

@Suite("The reply writer")
struct ReplyWriterTests {
    @Test("writes every kind of reply in both versions", arguments: writtenReplies)
    func trees(_ written: WrittenReply) {
        #expect(text(.two) { $0.reply(written.reply) } == written.two)
        #expect(text(.three) { $0.reply(written.reply) } == written.three)
    }

    @Test("writes ids and scores flat in RESP2 and as pairs in RESP3")
    func pairs() {
        func write(_ writer: inout ReplyWriter) {
            writer.pairs(count: 2)
            writer.pair(id: "ad:1".utf8.span, score: 0.25)
            writer.pair(id: "ad:2".utf8.span, score: 1e-7)
        }
        #expect(
            text(.two, write)
                == "*4\r\n$4\r\nad:1\r\n$4\r\n0.25\r\n$4\r\nad:2\r\n$5\r\n1e-07\r\n")
        #expect(
            text(.three, write)
                == "*2\r\n*2\r\n$4\r\nad:1\r\n,0.25\r\n*2\r\n$4\r\nad:2\r\n,1e-07\r\n")
    }

    @Test("writes headers and words")
    func headers() {
        #expect(text(.two) { $0.ok() } == "+OK\r\n")
        #expect(text(.two) { $0.simple("USED" as StaticString) } == "+USED\r\n")
        #expect(text(.two) { $0.push(count: 2) } == "*2\r\n")
        #expect(text(.three) { $0.push(count: 2) } == ">2\r\n")
        #expect(text(.three) { $0.map(count: 12) } == "%12\r\n")
    }

    private func text(_ version: RESPVersion, _ write: (inout ReplyWriter) -> Void) -> String {
        var writer = ReplyWriter(version: version)
        write(&writer)
        return String(buffer: writer.buffer)
    }
}
