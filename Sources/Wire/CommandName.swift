/// Every command by name; its row in `CommandTable` says the rest.
///
/// The raw value is the name in capitals, as people write it.
package enum CommandName: String, Sendable, CaseIterable {
    case rank = "RANK"
    case recommend = "RECOMMEND"
    case signal = "SIGNAL"
    case itemAdd = "ITEM.ADD"
    case itemGet = "ITEM.GET"
    case itemDelete = "ITEM.DEL"
    case userSet = "USER.SET"
    case userGet = "USER.GET"
    case suppress = "SUPPRESS"
    case unsuppress = "UNSUPPRESS"
    case retract = "RETRACT"
    case forget = "FORGET"
    case export = "EXPORT"
    case explain = "EXPLAIN"
    case whyNot = "WHYNOT"
    case catalogueBegin = "CATALOGUE.BEGIN"
    case catalogueCommit = "CATALOGUE.COMMIT"
    case catalogueAbort = "CATALOGUE.ABORT"
    case surfaceSet = "SURFACE.SET"
    case surfaceGet = "SURFACE.GET"
    case policyGet = "POLICY.GET"
    case policyCheck = "POLICY.CHECK"
    case policySet = "POLICY.SET"
    case snapshot = "SNAPSHOT"
    case lastSave = "LASTSAVE"
    case slowLog = "SLOWLOG"
    case info = "INFO"
    case ping = "PING"
    case echo = "ECHO"
    case hello = "HELLO"
    case auth = "AUTH"
    case client = "CLIENT"
    case command = "COMMAND"
    case select = "SELECT"
    case reset = "RESET"
    case quit = "QUIT"

    /// The name as redis writes it in replies and errors.
    package var lower: String { rawValue.lowercased() }

    /// The place among all cases, without a look-up: such an enumeration is its place in one byte.
    package var ordinal: Int { Int(unsafe unsafeBitCast(self, to: UInt8.self)) }
}
