/// The thresholds that a text model carries; tools/distill/build.py says how they were chosen.
struct TextLimits: Equatable, Sendable {
    /// A text is about a topic from this dot product on, in units of 127 x 127.
    let topicDotMin: Int32
    /// A text is foreign from this mean of its tokens' log-odds on.
    let foreignOddsMin: Int32
    let outsideLatinPercentMax: UInt32
    let unknownPercentMax: UInt32

    static let bytesCount = 16

    init(_ bytes: RawSpan, at offset: Int) {
        topicDotMin = ModelContainer.number(in: bytes, at: offset)
        foreignOddsMin = ModelContainer.number(in: bytes, at: offset + 4)
        outsideLatinPercentMax = ModelContainer.number(in: bytes, at: offset + 8)
        unknownPercentMax = ModelContainer.number(in: bytes, at: offset + 12)
    }
}
