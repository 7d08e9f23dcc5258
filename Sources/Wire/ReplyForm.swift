/// The forms in which a reply can be written.
package enum ReplyForm: Sendable {
    /// RESP2.
    case two
    /// RESP3.
    case three
    /// One JSON text: the HTTP side.
    case json

    package init(_ version: RESPVersion) { self = version == .two ? .two : .three }
}
