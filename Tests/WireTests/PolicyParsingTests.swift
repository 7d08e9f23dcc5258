import Domain
import Testing
import Wire

@Suite("Policy commands")
struct PolicyParsingTests {
    @Test("carry the text of a policy as it is")
    func text() throws {
        let text = "version = 1\n# \u{e9}\n"
        #expect(try parse(["POLICY.GET"]) == .policyGet)
        #expect(try parse(["policy.check", .one(text)]) == .policyCheck(text))
        #expect(try parse(["Policy.Set", .one(text)]) == .policySet(text))
        #expect(try parse(["POLICY.SET", .one("")]) == .policySet(""))
        let longest = String(repeating: "#", count: Limits.policyBytesMax)
        #expect(try parse(["POLICY.SET", .one(longest)]) == .policySet(longest))
    }

    @Test(
        "say what is wrong",
        arguments: [
            BadCommand("POLICY.GET x", "ERR wrong number of arguments for 'policy.get' command"),
            BadCommand("POLICY.CHECK", "ERR wrong number of arguments for 'policy.check' command"),
            BadCommand("POLICY.SET a b", "ERR wrong number of arguments for 'policy.set' command"),
            BadCommand(
                ["POLICY.SET", .bytes([0x23, 0xFF])],
                "ERR invalid policy for 'policy.set' command: text is not valid UTF-8"),
            BadCommand(
                ["POLICY.CHECK", .bytes(Array(repeating: 0x23, count: Limits.policyBytesMax + 1))],
                "ERR invalid policy for 'policy.check' command: policy has 65537 bytes, at most "
                    + "65536"),
        ])
    func errors(_ bad: BadCommand) {
        #expect(errorMessage(bad.words) == bad.message)
    }

    @Test("have no keys, and say who may send them")
    func rows() {
        for name in [CommandName.policyGet, .policyCheck, .policySet] {
            let row = CommandTable.row(of: name)
            #expect((row.keys.first, row.keys.last, row.keys.step) == (0, 0, 0))
            #expect(row.group == .policy)
        }
        #expect(CommandTable.row(of: .policySet).flags == [.write, .admin])
        #expect(CommandTable.row(of: .policyCheck).flags == [.readOnly, .admin])
    }
}
