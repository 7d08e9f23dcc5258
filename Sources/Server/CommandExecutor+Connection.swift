import Domain
import Wire

/// Commands about the connection itself.
extension CommandExecutor {
    func pong(_ range: ByteRange?, _ arguments: CommandArguments, writer: inout ReplyWriter) {
        if let range {
            writer.bulk(arguments[range])
        } else {
            writer.simple("PONG")
        }
    }

    func greet(_ hello: HelloCommand, session: inout Session, writer: inout ReplyWriter) {
        if let credentials = hello.credentials, !accepts(credentials) {
            return refuse(Self.wrongPassword, &writer)
        }
        if hello.credentials != nil { session.isAuthenticated = true }
        guard session.isAuthenticated else {
            refuse(
                "NOAUTH HELLO must be called with the client already authenticated, otherwise the "
                    + "HELLO <proto> AUTH <user> <pass> option can be used to authenticate the "
                    + "client and select the RESP protocol version at the same time",
                &writer)
            return
        }
        if let version = hello.version { writer.version = version }
        if let name = hello.name { session.name = name }
        writer.reply([
            "server": "cairn",
            "version": .bulk(CairnVersion.current),
            "proto": .integer(writer.version.rawValue),
            "id": .integer(session.id),
            "mode": "standalone",
            "role": "master",
            "modules": [],
        ])
    }

    func authenticate(
        _ credentials: Credentials, session: inout Session, writer: inout ReplyWriter
    ) {
        guard shared.requiresPassword else {
            refuse(
                "ERR AUTH <password> called without any password configured for the default user. "
                    + "Are you sure your configuration is correct?",
                &writer)
            return
        }
        guard accepts(credentials) else { return refuse(Self.wrongPassword, &writer) }
        session.isAuthenticated = true
        writer.ok()
    }

    func client(_ command: ClientCommand, session: inout Session, writer: inout ReplyWriter) {
        switch command {
        case .setLibraryName(let name):
            session.libraryName = name
            writer.ok()
        case .setLibraryVersion(let version):
            session.libraryVersion = version
            writer.ok()
        case .setName(let name):
            session.name = name
            writer.ok()
        case .getName: session.name.isEmpty ? writer.null() : writer.bulk(session.name)
        case .id: writer.integer(session.id)
        case .help: writer.reply(CommandTable.help(of: .client))
        }
    }

    private func accepts(_ credentials: Credentials) -> Bool {
        let isDefaultUser = (credentials.user ?? "default") == "default"
        return isDefaultUser
            && (!shared.requiresPassword || shared.isPassword(credentials.password))
    }

    private static let wrongPassword =
        "WRONGPASS invalid username-password pair or user is disabled."

    private func refuse(_ message: String, _ writer: inout ReplyWriter) {
        shared.counters.commandErrors.increment()
        writer.error(message)
    }
}

/// The version of this program.
package enum CairnVersion {
    package static let current = "0.1.0"
}
