import Domain

/// One request to rank, in numbers and ranges into its command's bytes: nothing of it allocates.
package struct RankRequest: Sendable {
    /// What goes on around the request, past the text model.
    package enum Context: Sendable {
        /// What a text says; content lane only.
        case row(TextRow)
        /// What a text became in the closed list: `count` of them.
        case topics(InlineArray<3, TopicWeight>, count: Int)
        case item(ByteRange)
        /// Little-endian 32-bit floats, checked but for their number.
        case vector(Space, ByteRange)
    }

    package var user: ByteRange
    package var clock: Timestamp
    /// The region that the request names, which can only restrict.
    package var restriction: Region?
    /// The language that the request is in, in place of the user's.
    package var language: Language?
    package private(set) var contexts = InlineArray<8, Context>(repeating: .row(.zero))
    package private(set) var contextsCount = 0

    package init(user: ByteRange, clock: Timestamp, restriction: Region?) {
        self.user = user
        self.clock = clock
        self.restriction = restriction
    }

    /// The command has been checked to have no more than `Limits.contextsMax`.
    package mutating func append(_ context: Context) {
        contexts[contextsCount] = context
        contextsCount += 1
    }
}
