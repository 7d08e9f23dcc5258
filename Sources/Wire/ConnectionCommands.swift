/// What the commands about a connection, and about the commands themselves, carry.

/// A name and password, as bytes: a password need not be text.
package struct Credentials: Sendable, Equatable {
    /// `nil` is the default user.
    package var user: String?
    package var password: [UInt8]

    package init(user: String? = nil, password: [UInt8]) {
        self.user = user
        self.password = password
    }
}

package struct HelloCommand: Sendable, Equatable {
    /// `nil` keeps what the connection speaks.
    package var version: RESPVersion?
    package var credentials: Credentials?
    package var name: String?

    package init(
        version: RESPVersion? = nil, credentials: Credentials? = nil, name: String? = nil
    ) {
        self.version = version
        self.credentials = credentials
        self.name = name
    }
}

package enum ClientCommand: Sendable, Equatable {
    case setLibraryName(String)
    case setLibraryVersion(String)
    /// Empty takes the name away.
    case setName(String)
    case getName
    case id
    case help
}

package enum SlowLogCommand: Sendable, Equatable {
    /// The newest, so many at most.
    case get(Int)
    case length
    case reset
    case help
}

/// What `COMMAND` asks; `CommandTable.reply(to:)` answers.
package enum CommandQuery: Sendable, Equatable {
    case all
    case count
    case info([String])
    /// Of all commands when there are no names.
    case docs([String])
    case list
    case help
}
