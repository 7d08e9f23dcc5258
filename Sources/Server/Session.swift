import Wire

/// What a connection has told about itself, and what it is in the middle of.
struct Session {
    let id: Int
    var isAuthenticated: Bool
    var name = ""
    var libraryName = ""
    var libraryVersion = ""
    /// Items go to the catalogue that this connection loads.
    var isLoadingCatalogue = false
    /// When the command that is carried out has come, on the monotonic clock; `nil` is now.
    var arrived: Int64?

    init(id: Int, isAuthenticated: Bool) {
        self.id = id
        self.isAuthenticated = isAuthenticated
    }

    /// As a new connection, but for its identity.
    mutating func reset(isAuthenticated: Bool) {
        self = Session(id: id, isAuthenticated: isAuthenticated)
    }
}
