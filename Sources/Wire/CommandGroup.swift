/// Where a command stands in the documentation.
package enum CommandGroup: String, Sendable {
    case ranking, item, user, catalogue, surface, policy, server, connection
}
