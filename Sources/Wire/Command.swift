import Domain

/// A command that a client gave, checked as far as it can be without knowing what the server holds.
///
/// Ranges lie in the bytes that the command was parsed from.
package enum Command: Sendable, Equatable {
    case rank(RankCommand)
    case recommend(RankCommand)
    case explain(ExplainCommand)
    case whyNot(ExplainCommand)
    case signal(SignalDraft)
    case userSet(UserChange)
    case userGet(UserID)
    /// Topics by the name of the closed list.
    case suppress(UserID, topic: String)
    case unsuppress(UserID, topic: String)
    case retract(UserID, event: EventID)
    case forget(UserID)
    case export(UserID)
    case itemAdd(ItemDraft)
    case itemGet(ItemID)
    case itemDelete([ItemID])
    case catalogueBegin
    case catalogueCommit
    case catalogueAbort
    case surfaceSet(SurfaceChange)
    /// `nil` asks for the names of all.
    case surfaceGet(SurfaceName?)
    case policyGet
    /// The text of a policy file.
    case policyCheck(String)
    case policySet(String)
    case snapshot
    case lastSave
    case slowLog(SlowLogCommand)
    /// Sections in small letters; none is all.
    case info([String])
    case command(CommandQuery)
    case ping(ByteRange?)
    case echo(ByteRange)
    case hello(HelloCommand)
    case auth(Credentials)
    case client(ClientCommand)
    /// Of database 0.
    case select
    case reset
    case quit

    package var name: CommandName {
        switch self {
        case .rank: .rank
        case .recommend: .recommend
        case .explain: .explain
        case .whyNot: .whyNot
        case .signal: .signal
        case .userSet: .userSet
        case .userGet: .userGet
        case .suppress: .suppress
        case .unsuppress: .unsuppress
        case .retract: .retract
        case .forget: .forget
        case .export: .export
        case .itemAdd: .itemAdd
        case .itemGet: .itemGet
        case .itemDelete: .itemDelete
        case .catalogueBegin: .catalogueBegin
        case .catalogueCommit: .catalogueCommit
        case .catalogueAbort: .catalogueAbort
        case .surfaceSet: .surfaceSet
        case .surfaceGet: .surfaceGet
        case .policyGet: .policyGet
        case .policyCheck: .policyCheck
        case .policySet: .policySet
        case .snapshot: .snapshot
        case .lastSave: .lastSave
        case .slowLog: .slowLog
        case .info: .info
        case .command: .command
        case .ping: .ping
        case .echo: .echo
        case .hello: .hello
        case .auth: .auth
        case .client: .client
        case .select: .select
        case .reset: .reset
        case .quit: .quit
        }
    }
}
