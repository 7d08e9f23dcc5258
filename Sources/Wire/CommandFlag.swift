/// What a command does to the server, in the words that redis clients know.
package enum CommandFlag: String, Sendable {
    /// Answers from what is there.
    case readOnly = "readonly"
    /// Changes what is there.
    case write
    /// Takes a time that does not grow with the catalogue.
    case fast
    case admin
    /// May be sent before the client has authenticated.
    case noAuth = "no_auth"
    /// Is answered while the server reads its data.
    case loading
}
