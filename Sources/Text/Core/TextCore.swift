import CSIMD
import Domain
import TextModel

/// The one door to the C core: owns a loaded model and reads texts with it.
///
/// Everything it points to is written once, while loading, and lives as long as it does, so any
/// number of threads may read at once.
@safe struct TextCore: ~Copyable, @unchecked Sendable {
    static let dimension = Int(CSIMD_TEXT_DIMENSION)

    /// What one pass over a text finds.
    struct Pass {
        let counts: TextCounts
        let label: UInt16
        let row: TextRow
    }

    private let arena: OpaquePointer
    private let model: csimd_text_model
    private let topicRows: UnsafePointer<Int8>
    private let topicsCount: Int

    /// Lends the bundle that is compiled into the program.
    static func withEmbeddedBundle<Value, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let bytes = unsafe UnsafeRawBufferPointer(
            start: text_model_bundle_start(), count: text_model_bundle_bytes)
        return try body(unsafe bytes.bytes)
    }

    /// Loads the embedded model; `bundle` is its checked directory.
    init(embedded bundle: TextBundle) throws(TextModelError) {
        func section(_ name: TextBundle.Section) -> csimd_section {
            let start = unsafe text_model_bundle_start() + bundle[name].lowerBound
            return unsafe csimd_section(bytes: start, bytes_count: bundle[name].count)
        }
        guard let arena = unsafe csimd_arena_create() else { throw .noMemory }
        guard
            let wordpiece = unsafe csimd_wordpiece_create(
                arena, section(.vocabulary), section(.fold)),
            let lexicon = unsafe csimd_lexicon_create(arena, section(.lexicon), wordpiece)
        else {
            unsafe csimd_arena_destroy(arena)
            throw .noMemory
        }
        unsafe self.arena = arena
        unsafe model = csimd_text_model(
            wordpiece: wordpiece, lexicon: lexicon,
            table: csimd_text_table_of(section(.rows), section(.weights)),
            foreign_odds: section(.foreignOdds))
        unsafe topicRows = section(.topicRows).bytes.assumingMemoryBound(to: Int8.self)
        topicsCount = bundle[.topicRows].count / Self.dimension
    }

    deinit { unsafe csimd_arena_destroy(arena) }

    /// `text` holds at most `Limits.textBytesMax` bytes. Allocates nothing.
    func pass(over text: Span<UInt8>) -> Pass {
        precondition(text.count <= Limits.textBytesMax, "a text must be within its limit")
        var reading = csimd_text_reading()
        unsafe text.withUnsafeBufferPointer { bytes in
            unsafe withUnsafePointer(to: model) { model in
                unsafe csimd_text_read(
                    model, bytes.baseAddress, bytes.count,
                    &reading)
            }
        }
        let counts = TextCounts(
            tokens: reading.tokens_count, words: reading.counts.words_count,
            unknownWords: reading.counts.unknown_count, letters: reading.counts.letters_count,
            lettersOutsideLatin: reading.counts.letters_outside_latin_count,
            foreignOdds: reading.foreign_odds)
        return Pass(counts: counts, label: reading.label, row: Self.row(copying: &reading.row))
    }

    /// Calls `body` with each topic's number and its dot product with `row`.
    func forEachTopic(against row: TextRow, _ body: (Int, Int32) -> Void) {
        unsafe row.withValues { values in
            for topic in 0..<topicsCount {
                let other = unsafe topicRows + topic * Self.dimension
                body(topic, unsafe csimd_dot(values, other, Self.dimension))
            }
        }
    }

    func topicRow(_ topic: Int) -> TextRow {
        precondition(topic < topicsCount)
        let start = unsafe topicRows + topic * Self.dimension
        return TextRow(values: InlineArray { unsafe start[$0] })
    }

    /// The tokens of a text, for tests that compare them with another tokenizer's.
    func tokens(of text: Span<UInt8>) -> [UInt16] {
        var tokens: [UInt16] = []
        tokenise(text, into: &tokens)
        return tokens
    }

    /// Replaces what `tokens` holds; allocates nothing once it has held as many.
    func tokenise(_ text: Span<UInt8>, into tokens: inout [UInt16]) {
        precondition(text.count <= Limits.textBytesMax, "a text must be within its limit")
        var counts = csimd_text_counts()
        // Every token comes from at least one byte.
        tokens.removeAll(keepingCapacity: true)
        tokens.append(contentsOf: repeatElement(0, count: text.count))
        let count = unsafe text.withUnsafeBufferPointer { bytes in
            unsafe tokens.withUnsafeMutableBufferPointer { tokens in
                unsafe csimd_text_encode(
                    model.wordpiece, bytes.baseAddress, bytes.count, tokens.baseAddress, &counts)
            }
        }
        tokens.removeLast(text.count - count)
    }

    func term(in tokens: Span<UInt16>) -> UInt16 {
        unsafe tokens.withUnsafeBufferPointer {
            unsafe csimd_lexicon_find(model.lexicon, $0.baseAddress, $0.count)
        }
    }

    var tokensCount: Int { unsafe csimd_wordpiece_tokens_count(model.wordpiece) }

    private static func row<Values>(copying values: inout Values) -> TextRow {
        precondition(MemoryLayout<Values>.size == dimension, "a row has 128 bytes")
        return unsafe withUnsafeBytes(of: &values) { bytes in
            TextRow(values: InlineArray { unsafe bytes.load(fromByteOffset: $0, as: Int8.self) })
        }
    }
}
