/// What one `USER.SET` changes; what is `nil` stays as it is.
public struct UserChange: Sendable, Equatable {
    public let user: UserID
    public var region: Region?
    /// When the user was told that chats count.
    public var notice: Timestamp?
    /// The products whose accounts are linked with each other; empty cuts all links.
    public var links: [Product]?
    public var language: Language?
    /// From when the region holds; the server's clock when absent.
    public var at: Timestamp?

    public init(user: UserID) { self.user = user }
}
