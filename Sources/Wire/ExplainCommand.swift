import Domain

/// `EXPLAIN` and `WHYNOT` as parsed.
package struct ExplainCommand: Sendable, Equatable {
    package var occasion: Occasion
    /// A well-formed identifier, in the command's bytes.
    package var item: ByteRange
    /// Whether the reply is one bulk string of JSON.
    package var isJSON: Bool

    package init(occasion: Occasion, item: ByteRange, isJSON: Bool) {
        self.occasion = occasion
        self.item = item
        self.isJSON = isJSON
    }
}
