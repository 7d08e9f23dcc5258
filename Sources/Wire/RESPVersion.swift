/// Which RESP a client speaks: 2 until it says `HELLO 3`.
package enum RESPVersion: Int, Sendable {
    case two = 2
    case three = 3
}
