/// The parts of a message that the gate judges one by one: its sentences.
///
/// One sensitive sentence among six is easily lost in the whole, so each counts by itself. Boundaries
/// are rough on purpose: a sentence cut in two is judged twice, one missed is judged with its
/// neighbour.
enum Segments {
    /// Ranges of the sentences, without the white space between; none when there is only one.
    static func sentences(of text: Span<UInt8>) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var start = 0
        var index = 0
        while index < text.count {
            let isBreak = text[index] == UInt8(ascii: "\n")
            if isBreak || (isTerminator(text[index]) && endsWord(text, after: index)) {
                append(start..<index + 1, of: text, to: &found)
                start = index + 1
            }
            index += 1
        }
        append(start..<text.count, of: text, to: &found)
        return found.count > 1 ? found : []
    }

    private static func isTerminator(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "."), UInt8(ascii: "!"), UInt8(ascii: "?"), UInt8(ascii: ";"): true
        default: false
        }
    }

    /// "3.5" and "example.org" go on; a run of marks ends with its last.
    private static func endsWord(_ text: Span<UInt8>, after index: Int) -> Bool {
        index + 1 == text.count || isSpace(text[index + 1])
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || (9...13).contains(byte)
    }

    private static func append(
        _ range: Range<Int>, of text: Span<UInt8>, to found: inout [Range<Int>]
    ) {
        var range = range
        while let first = range.first, isSpace(text[first]) { range = first + 1..<range.upperBound }
        if !range.isEmpty { found.append(range) }
    }
}
