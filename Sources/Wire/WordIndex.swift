import Domain

/// Finds the value of a word in any case, from bytes in place and without allocation.
///
/// A word has at most 16 ASCII characters, so it packs into two numbers, and a search through the
/// sorted numbers compares no strings.
struct WordIndex<Value: Sendable>: Sendable {
    private let rows: [(word: PackedWord, value: Value)]

    /// The words must be different and at most 16 bytes long.
    init(_ words: [(String, Value)]) {
        rows = words.map { word, value in
            guard let packed = PackedWord(word.utf8.span) else {
                preconditionFailure("'\(word)' does not fit a packed word")
            }
            return (packed, value)
        }.sorted { $0.word < $1.word }
        for (left, right) in zip(rows, rows.dropFirst()) {
            precondition(left.word != right.word, "a word has two meanings")
        }
    }

    subscript(bytes: Span<UInt8>) -> Value? {
        guard let word = PackedWord(bytes) else { return nil }
        var low = 0
        var high = rows.count
        while low < high {
            let middle = (low + high) / 2
            if rows[middle].word < word { low = middle + 1 } else { high = middle }
        }
        return low < rows.count && rows[low].word == word ? rows[low].value : nil
    }
}

/// Up to 16 bytes in small letters, filled up with zeros.
private struct PackedWord: Comparable, Sendable {
    private static let bytesMax = 16
    private var first: UInt64 = 0
    private var second: UInt64 = 0

    init?(_ bytes: Span<UInt8>) {
        guard (1...Self.bytesMax).contains(bytes.count) else { return nil }
        for index in bytes.indices {
            let byte = bytes[index].asciiLower
            guard byte != 0 else { return nil }
            if index < 8 {
                first = first << 8 | UInt64(byte)
            } else {
                second = second << 8 | UInt64(byte)
            }
        }
    }

    static func < (left: PackedWord, right: PackedWord) -> Bool {
        left.second != right.second ? left.second < right.second : left.first < right.first
    }
}
