import NIOCore
import Testing
import Wire

@Suite("The JSON writer")
struct JSONWriterTests {
    @Test(
        "writes every kind of reply",
        arguments: [
            (nil, "null"), (true, "true"), (false, "false"), (-7, "-7"), (0.5, "0.5"),
            (1e21, "1e+21"), (.double(.nan), "null"), (.double(-.infinity), "null"),
            (.simple("OK"), #""OK""#), (.verbatim("a"), #""a""#),
            (.error("ERR no"), #"{"error":"ERR no"}"#), (.bytes([0x61, 0xFF]), "\"a\u{FFFD}\""),
            ([], "[]"), ([1, "a", [nil]], #"[1,"a",[null]]"#), (.set([1, 2]), "[1,2]"),
            (.map([]), "{}"), (["b": 1, "a\"": ["c": 0.1]], #"{"b":1,"a\"":{"c":0.1}}"#),
        ] as [(Reply, String)])
    func replies(_ reply: Reply, _ text: String) {
        #expect(JSONWriter.text(of: reply) == text)
    }

    @Test("writes an object with long lists piece by piece")
    func pieces() {
        var writer = JSONWriter()
        writer.beginObject([Reply.Field("a", 1), Reply.Field("b\"", ["c": nil])])
        writer.list("none", of: [Int]()) { .integer($0) }
        writer.list("some", of: 1...3) { [.integer($0)] }
        writer.endObject()
        #expect(
            String(buffer: writer.buffer)
                == #"{"a":1,"b\"":{"c":null},"none":[],"some":[[1],[2],[3]]}"#)
    }

    @Test(
        "escapes what JSON must not hold, and nothing else",
        arguments: [
            ("", #""""#), ("\"\\/", #""\"\\/""#), ("\n\r\t", #""\n\r\t""#),
            ("\u{0}\u{1f}\u{7f}", #""\u0000\u001f\u007f""#), ("ä€😀\u{2028}", "\"ä€😀\u{2028}\""),
        ])
    func strings(_ value: String, _ text: String) {
        #expect(JSONWriter.text(of: .bulk(value)) == text)
    }
}
