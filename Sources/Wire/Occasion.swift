import Domain

/// For whom a request ranks, where, when and amid what. Ranges lie in the command's bytes.
package struct Occasion: Sendable, Equatable {
    /// A well-formed identifier.
    package var user: ByteRange
    /// As the client wrote it, in any case.
    package var surface: ByteRange
    /// The request's clock; the server's when absent.
    package var at: Timestamp?
    /// Where the request comes from; it can only restrict.
    package var region: Region?
    package var contexts = ContextClauses()

    package init(user: ByteRange, surface: ByteRange) {
        self.user = user
        self.surface = surface
    }
}
