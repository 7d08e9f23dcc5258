import Testing

@testable import Load

struct CommandTemplateTests {
    @Test func `words and placeholders`() throws {
        let template = try CommandTemplate(
            #"SET key:{user}:{seq} {bytes:8} "two words {item}" {{x}} "" {int:3-9}"#)
        #expect(
            template.words == [
                [.literal("SET")], [.literal("key:"), .user, .literal(":"), .sequence],
                [.bytes(8)], [.literal("two words "), .item], [.literal("{x}")], [.literal("")],
                [.integer(3...9)],
            ])
        #expect(template.weight == 1)
    }

    @Test func `a number in front is a weight`() throws {
        #expect(try CommandTemplate("9: GET {user}").weight == 9)
        #expect(try CommandTemplate("0.5: GET {user}").weight == 0.5)
        #expect(try CommandTemplate("9:GET").weight == 1)
        #expect(try CommandTemplate("GET 9: x").words.count == 3)
    }

    @Test(arguments: [
        ("GET {usr}", 5, "'{usr}' is none of {user}, {item}, {int:A-B}, {bytes:N} and {seq}"),
        ("GET key:{user", 9, "this placeholder does not end"),
        ("GET key}", 8, "a '}' without its '{'; '}}' is a brace"),
        ("SET k {bytes:many}", 7, "expected {bytes:N} with N up to 1048576"),
        ("SET k {bytes:1048577}", 7, "expected {bytes:N} with N up to 1048576"),
        ("SET k {int:9-3}", 7, "expected {int:A-B} with A up to B"),
        ("SET k {int:3}", 7, "expected {int:A-B} with A up to B"),
        ("SET k \"v", 7, "this quote does not end"),
        ("  ", 3, "a command has at least one word"),
        ("0: GET k", 1, "a weight is a number above 0"),
    ])
    func `errors say where`(_ text: String, _ column: Int, _ reason: String) {
        #expect(throws: LoadError.template(text, column: column, reason: reason)) {
            try CommandTemplate(text)
        }
    }

    @Test func `the message has the template, the column and the reason`() {
        let error = LoadError.template("GET {usr}", column: 5, reason: "no")
        #expect(error.message == "--command 'GET {usr}': column 5: no")
    }

    @Test func `placeholders are filled in`() throws {
        let template = try CommandTemplate("SET k:{user}:{item} {bytes:5} {int:4-4} n{seq}")
        var writer = CommandWriter()
        var random = RandomSource(seed: 1)
        template.write(user: 7, item: 9, sequence: 12, &random, into: &writer)
        template.write(user: 8, item: 0, sequence: 13, &random, into: &writer)
        let commands = writer.commands
        #expect(commands.count == 2)
        #expect(commands[0][0...1] == ["SET", "k:7:9"])
        #expect(commands[0][2].count == 5)
        #expect(commands[0][2] != commands[1][2])
        #expect(commands[0][3...] == ["4", "n12"])
        #expect(commands[1][4] == "n13")
    }

    @Test(arguments: [
        ("rank", "--mix: 'rank' is not NAME=WEIGHT with a name of "),
        ("rnk=1", "--mix: 'rnk=1' is not NAME=WEIGHT with a name of rank, recommend, like, "),
        ("rank=x", "--mix: 'x' is not a weight of rank"),
        ("rank=-1", "--mix: '-1' is not a weight of rank"),
        ("rank=1,rank=2", "--mix: rank is given twice"),
        ("rank=0", "--mix: nothing has a weight above 0"),
    ])
    func `a mix that makes no sense is refused`(_ text: String, _ message: String) {
        let error = #expect(throws: LoadError.self) { try RequestMix(text) }
        #expect(error?.message.hasPrefix(message) == true)
    }

    @Test func `a mix is written as it is read`() throws {
        #expect(
            try RequestMix("rank=90,chat-text=0.5,item=0").description == "rank=90,chat-text=0.5")
        #expect(try RequestMix(RequestMix.standard.description) == .standard)
    }
}
