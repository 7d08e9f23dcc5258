import NIOCore
import Testing
import Wire

@Suite("The command table")
struct CommandTableTests {
    @Test("has one row for every command")
    func rowsAreComplete() {
        #expect(CommandTable.rows.count == CommandName.allCases.count)
        for name in CommandName.allCases {
            #expect(CommandTable.row(of: name).name == name)
        }
    }

    @Test("has rows that agree with themselves", arguments: CommandName.allCases)
    func rowsAreSound(_ name: CommandName) {
        let row = CommandTable.row(of: name)
        #expect(row.arity != 0)
        #expect(
            row.flags.contains(.write) == !row.flags.contains(.readOnly) || row.group == .connection
        )
        #expect(row.keys.first < abs(row.arity))
        #expect(row.summary.hasSuffix(".") && row.summary.count <= 80)
        #expect(row.syntax.filter { $0 == "[" }.count == row.syntax.filter { $0 == "]" }.count)
        // The arguments without brackets are those that arity counts; SIGNAL has alternatives.
        var depth = 0
        let required = row.syntax.split(separator: " ").filter { word in
            defer { depth += word.filter { $0 == "[" }.count - word.filter { $0 == "]" }.count }
            return depth == 0 && !word.hasPrefix("[")
        }
        if ![.signal, .userSet, .surfaceSet].contains(name) {
            #expect(required.count + 1 == abs(row.arity), "\(required)")
        }
    }

    @Test("has names whose ordinals are their places")
    func ordinals() {
        #expect(CommandName.allCases.map(\.ordinal) == Array(CommandName.allCases.indices))
    }

    @Test("answers COMMAND COUNT, LIST, INFO and DOCS")
    func queries() throws {
        #expect(CommandTable.reply(to: .count) == .integer(CommandTable.rows.count))
        guard case .array(let list) = CommandTable.reply(to: .list) else {
            Issue.record("no list")
            return
        }
        #expect(list.contains("item.add"))
        #expect(CommandTable.reply(to: .info(["nothing"])) == [nil])
        #expect(
            CommandTable.reply(to: .info(["Item.Del"])) == [
                [
                    "item.del", -2, .set([.simple("write"), .simple("fast")]), 1, -1, 1,
                    .set([.simple("@item")]), [], [], [],
                ]
            ])
        #expect(
            CommandTable.reply(to: .docs(["select", "nothing"])) == [
                "select": [
                    "summary": "Chooses the database; there is only 0.", "since": "0.1.0",
                    "group": "connection",
                    "arguments": [
                        ["name": "index", "type": "string", "display_text": "index"]
                    ],
                ]
            ])
        guard case .map(let docs) = CommandTable.reply(to: .docs([])) else {
            Issue.record("no map")
            return
        }
        #expect(docs.count == CommandTable.rows.count)
    }

    @Test("lists subcommands as help")
    func help() {
        guard case .array(let lines) = CommandTable.help(of: .client) else {
            Issue.record("no lines")
            return
        }
        #expect(lines[0] == .simple("CLIENT <subcommand> [<arg> [value] ...]. Subcommands are:"))
        #expect(lines.contains(.simple("SETNAME name")))
    }
}
