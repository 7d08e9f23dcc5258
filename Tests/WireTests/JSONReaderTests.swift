import Domain
import Testing
import Wire

@Suite("The JSON reader")
struct JSONReaderTests {
    /// Reads `{"s": string, "n": number, "i": integer, "b": boolean, "a": [numbers], "o": {...}}`
    /// and writes what it has read.
    private static func read(_ text: String) throws(JSONError) -> String {
        try JSONReader.read(Array(text.utf8)) { (reader) throws(JSONError) in
            try object(&reader)
        }
    }

    private static func object(_ reader: inout JSONReader) throws(JSONError) -> String {
        var parts: [String] = []
        try reader.object { (field, reader) throws(JSONError) in
            switch field {
            case "s": parts.append(try reader.string())
            case "n": parts.append("\(try reader.number())")
            case "i": parts.append("\(try reader.integer(in: -5...Int64.max))")
            case "b": parts.append("\(try reader.boolean())")
            case "a":
                try reader.array { (reader) throws(JSONError) in
                    parts.append("\(try reader.number())")
                }
            case "o": parts.append("(\(try object(&reader)))")
            default: return false
            }
            return true
        }
        return parts.joined(separator: " ")
    }

    @Test(
        "reads what RFC 8259 allows",
        arguments: [
            ("{}", ""), (" \t\r\n{ } \n", ""), (#"{"s":""}"#, ""), (#"{"s":"ä€😀"}"#, "ä€😀"),
            (#"{"s":"\"\\\/\b\f\n\r\t"}"#, "\"\\/\u{8}\u{c}\n\r\t"),
            (#"{"s":"\u00e4\u20AC\ud83d\ude00\u0000"}"#, "ä€😀\0"), (#"{"\u0073":"x"}"#, "x"),
            (#"{"n":0}"#, "0.0"), (#"{"n":-0.5e-1}"#, "-0.05"), (#"{"n":1E+2}"#, "100.0"),
            (#"{"i":9223372036854775807}"#, "9223372036854775807"), (#"{"i":-5}"#, "-5"),
            (#"{"b":true,"n":10}"#, "true 10.0"), (#"{"b" : false}"#, "false"),
            (#"{"a":[]}"#, ""), (#"{"a":[ 1 , 2 ]}"#, "1.0 2.0"),
            (#"{"o":{"o":{"s":"x"}},"s":"y"}"#, "((x)) y"),
        ])
    func valid(_ text: String, _ read: String) throws {
        #expect(try Self.read(text) == read)
    }

    @Test(
        "refuses everything else, and says where",
        arguments: [
            ("", .syntax, ""), ("{", .syntax, ""), (#"{"s""#, .syntax, "/s"),
            ("{}x", .syntax, ""), ("\u{FEFF}{}", .syntax, ""), ("{,}", .syntax, ""),
            (#"{"s":"x",}"#, .syntax, ""), (#"{"s":"x" "n":1}"#, .syntax, ""),
            (#"{s:1}"#, .syntax, ""), (#"{'s':1}"#, .syntax, ""), (#"{"s":'x'}"#, .syntax, "/s"),
            (#"{"s":"x}"#, .syntax, "/s"), ("{\"s\":\"\n\"}", .syntax, "/s"),
            (#"{"s":"\x"}"#, .syntax, "/s"), (#"{"s":"\u12"}"#, .syntax, "/s"),
            (#"{"s":"\ud800"}"#, .syntax, "/s"), (#"{"s":"\ud800\u0041"}"#, .syntax, "/s"),
            (#"{"s":"\udc00"}"#, .syntax, "/s"), (#"{"s":"\"#, .syntax, "/s"),
            (#"{"n":01}"#, .syntax, "/n"), (#"{"n":-}"#, .syntax, "/n"),
            (#"{"n":1.}"#, .syntax, "/n"), (#"{"n":.5}"#, .syntax, "/n"),
            (#"{"n":+1}"#, .syntax, "/n"), (#"{"n":1e}"#, .syntax, "/n"),
            (#"{"n":NaN}"#, .syntax, "/n"), (#"{"n":0x1}"#, .syntax, ""),
            (#"{"n":1e999}"#, .value, "/n"), (#"{"a":[1,]}"#, .syntax, "/a/1"),
            (#"{"a":[1 2]}"#, .syntax, "/a"), (#"{"a":[1,"x"]}"#, .shape, "/a/1"),
            (#"{"b":tru}"#, .shape, "/b"), (#"{"b":1}"#, .shape, "/b"),
            (#"{"s":null}"#, .shape, "/s"), (#"{"s":{}}"#, .shape, "/s"), ("[]", .shape, ""),
            (#"{"i":1.0}"#, .value, "/i"), (#"{"i":-6}"#, .value, "/i"),
            (#"{"i":9223372036854775808}"#, .value, "/i"), (#"{"x":1}"#, .shape, "/x"),
            (#"{"a/b~c":1}"#, .shape, "/a~1b~0c"), (#"{"b":true,"b":true}"#, .shape, "/b"),
            (#"{"o":{"s":"x","s":"y"}}"#, .shape, "/o/s"),
            (#"{"o":{"o":{"o":{"o":{"o":{"o":{"o":{"o":{}}}}}}}}}"#, .syntax, "/o/o/o/o/o/o/o/o"),
        ] as [(String, JSONError.Fault, String)])
    func invalid(_ text: String, _ fault: JSONError.Fault, _ pointer: String) {
        let error = #expect(throws: JSONError.self) { try Self.read(text) }
        #expect(error?.fault == fault, "\(text): \(error?.reason ?? "")")
        #expect(error?.pointer == pointer, "\(text): \(error?.reason ?? "")")
    }

    @Test("refuses bytes that are not UTF-8")
    func notUTF8() {
        #expect(throws: JSONError(.syntax, at: "", "the text is not valid UTF-8")) {
            try JSONReader([0x22, 0xC3, 0x22])
        }
    }

    @Test("ends at every cut of a text with an error, and never elsewhere")
    func cuts() throws {
        let text = Array(#"{"s":"\ud83d\ude00","n":-1.5e3,"a":[1,2],"o":{"b":true}}"#.utf8)
        for count in 0..<text.count {
            let part = String(decoding: text[..<count], as: UTF8.self)
            #expect(throws: JSONError.self) { try Self.read(part) }
        }
    }

    @Test("random bytes are read or refused, and end nothing")
    func noise() {
        var random = SeededRandom(seed: 7)
        let pieces = [
            "{", "}", "[", "]", "\"", ":", ",", "1", "-", "e", "\\u", "d800", "s", "a", " ",
        ]
        for _ in 0..<20_000 {
            let count = Int.random(in: 0..<12, using: &random)
            let text = (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            _ = try? Self.read(#"{"a":"# + text)
            _ = try? Self.read(text)
        }
    }
}

@Suite("Replies as JSON")
struct JSONReplyTests {
    @Test(
        "are the same piece by piece as in one",
        arguments: [
            nil, true, -7, 0.1, "a\"b", [], [[], [[]], 1], [:], ["a": [1, ["b": nil]], "c": [:]],
            ["a": ["b": ["c": ["d": 1]]]], .simple("OK"), .verbatim("x\ny"), .set([1]),
        ] as [Reply])
    func trees(_ reply: Reply) {
        var writer = ReplyWriter(form: .json)
        writer.reply(reply)
        #expect(String(buffer: writer.buffer) == JSONWriter.text(of: reply))
    }

    @Test("have pairs as objects, texts as they are, and errors with their code")
    func pieces() {
        var writer = ReplyWriter(form: .json)
        writer.map(count: 2)
        writer.bulk("items")
        writer.pairs(count: 2)
        writer.pair(id: "a\"".utf8.span, score: 0.1)
        writer.pair(id: "b".utf8.span, score: 1e21)
        writer.bulk("text")
        writer.json(text: #"{"x":1}"#.utf8.span)
        #expect(
            String(buffer: writer.buffer)
                == #"{"items":[{"id":"a\"","score":0.1},{"id":"b","score":1e+21}],"text":{"x":1}}"#)
        var error = ReplyWriter(form: .json)
        error.error("ERR no item 'a'", code: .unknownItem)
        #expect(
            String(buffer: error.buffer)
                == #"{"error":{"code":"unknown-item","message":"no item 'a'"}}"#)
    }
}
