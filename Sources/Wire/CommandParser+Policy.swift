import Domain

/// `POLICY.CHECK` and `POLICY.SET`.
extension CommandParser {
    /// The text of a policy file: the text itself, for the server reads no file that a client names.
    static func policyText(
        _ command: CommandName, _ arguments: CommandArguments
    ) throws(CommandError) -> String {
        do { return try arguments[1].policyText() } catch {
            throw .invalid(what: "policy", of: command, reason: error.message)
        }
    }
}

extension Span<UInt8> {
    fileprivate func policyText() throws(DomainError) -> String {
        guard count <= Limits.policyBytesMax else { throw .policyLength(count) }
        guard isUTF8 else { throw .textNotUTF8 }
        return String(repairing: self)
    }
}
