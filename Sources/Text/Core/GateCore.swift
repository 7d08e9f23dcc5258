import CSIMD
import Domain

#if canImport(Glibc)
    import Glibc
#endif

/// The gate's door to the C core: owns the bundle's bytes and the encoder made of them.
///
/// Written once, while loading; any number of threads may encode at once, each with a scratch of its
/// own.
@safe struct GateCore: ~Copyable, @unchecked Sendable {
    /// What one run of the network says: a logit for none and each category, and where the text lies
    /// among the topics.
    struct Run {
        var logits: InlineArray<8, Float>
        var topic: InlineArray<128, Int8>
    }

    /// Tokens of one run, its first and last included.
    let tokensMax: Int

    private let arena: OpaquePointer
    private let encoder: OpaquePointer
    private let topicRows: UnsafePointer<Int8>
    let topicsCount: Int

    /// Reads the file at `path`; `check` judges its bytes before the core relies on them.
    init(
        path: String, check: (RawSpan) throws(TextModelError) -> GateBundle
    ) throws(TextModelError) {
        guard let arena = unsafe csimd_arena_create() else { throw .noMemory }
        do throws(TextModelError) {
            let bytes = try unsafe Self.read(path, into: arena)
            let bundle = try check(unsafe bytes.bytes)
            func section(_ name: GateBundle.Section) -> csimd_section {
                let range = bundle[name]
                return unsafe csimd_section(
                    bytes: bytes.baseAddress.map { unsafe $0 + range.lowerBound },
                    bytes_count: range.count)
            }
            var sections = unsafe csimd_encoder_sections(
                shape: section(.shape), words: section(.words), word_scales: section(.wordScales),
                positions: section(.positions), matrices: section(.matrices),
                floats: section(.floats), heads: section(.heads))
            var status = CSIMD_STATUS_OK
            guard let encoder = unsafe csimd_encoder_create(arena, &sections, &status) else {
                if status == CSIMD_STATUS_NO_MEMORY { throw .noMemory }
                throw .section("SHAPE")
            }
            unsafe self.arena = arena
            unsafe self.encoder = encoder
            tokensMax = unsafe csimd_encoder_tokens_max(encoder)
            unsafe topicRows = section(.topicRows).bytes.assumingMemoryBound(to: Int8.self)
            topicsCount = bundle.topicNames.count
        } catch {
            unsafe csimd_arena_destroy(arena)
            throw error
        }
    }

    deinit { unsafe csimd_arena_destroy(arena) }

    /// `tokens` are at least one and at most `tokensMax`, each of the vocabulary.
    func run(_ tokens: Span<UInt16>, scratch: GateScratch) -> Run {
        precondition(!tokens.isEmpty && tokens.count <= tokensMax, "one run's tokens")
        var output = csimd_encoder_output()
        unsafe tokens.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return }
            unsafe csimd_encode(encoder, scratch.raw, start, buffer.count, &output)
        }
        return unsafe withUnsafeBytes(of: &output) { bytes in
            let topicOffset = MemoryLayout<csimd_encoder_output>.offset(of: \.topic) ?? 0
            return Run(
                logits: InlineArray {
                    unsafe bytes.load(fromByteOffset: $0 * 4, as: Float.self)
                },
                topic: InlineArray {
                    unsafe bytes.load(fromByteOffset: topicOffset + $0, as: Int8.self)
                })
        }
    }

    /// Calls `body` with each topic's number and its dot product with `row`.
    func forEachTopic(against row: InlineArray<128, Int8>, _ body: (Int, Int32) -> Void) {
        var row = row
        unsafe withUnsafeBytes(of: &row) { bytes in
            guard let values = unsafe bytes.bindMemory(to: Int8.self).baseAddress else { return }
            for topic in 0..<topicsCount {
                let other = unsafe topicRows + topic * TextCore.dimension
                body(topic, unsafe csimd_dot(values, other, TextCore.dimension))
            }
        }
    }

    /// e^(logit - of) for each logit, by the core's own logistic function: the same everywhere.
    static func odds(of logits: InlineArray<8, Double>, against: Double) -> InlineArray<8, Double> {
        var differences = InlineArray<8, Double> { min(max(logits[$0] - against, -30), 30) }
        var probabilities = InlineArray<8, Double>(repeating: 0)
        unsafe withUnsafeBytes(of: &differences) { from in
            unsafe withUnsafeMutableBytes(of: &probabilities) { to in
                guard let from = unsafe from.bindMemory(to: Double.self).baseAddress,
                    let to = unsafe to.bindMemory(to: Double.self).baseAddress
                else { return }
                unsafe csimd_logistic(to, from, 8)
            }
        }
        return InlineArray { probabilities[$0] / (1 - probabilities[$0]) }
    }

    /// The whole file, in memory of the arena. Not mapped: a file that shrinks later would end us.
    private static func read(
        _ path: String, into arena: OpaquePointer
    ) throws(TextModelError) -> UnsafeRawBufferPointer {
        guard let file = unsafe fopen(path, "rb") else {
            throw errno == ENOENT ? .missing(path: path) : .unreadable(path: path)
        }
        defer { unsafe fclose(file) }
        var status = stat()
        guard unsafe fstat(fileno(file), &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .unreadable(path: path)
        }
        let count = Int(status.st_size)
        guard count > 0 else { throw .tooShort(bytes: 0) }
        guard count <= Limits.modelBytesMax else {
            throw .size(found: count, expected: UInt64(Limits.modelBytesMax))
        }
        guard let memory = unsafe csimd_arena_allocate(arena, count, 64) else { throw .noMemory }
        guard unsafe fread(memory, 1, count, file) == count else { throw .unreadable(path: path) }
        return unsafe UnsafeRawBufferPointer(start: memory, count: count)
    }
}

/// One thread's working memory for the encoder.
@safe final class GateScratch {
    fileprivate let raw: OpaquePointer
    private let arena: OpaquePointer

    init() throws(TextModelError) {
        guard let arena = unsafe csimd_arena_create() else { throw .noMemory }
        guard let raw = unsafe csimd_encoder_scratch_create(arena) else {
            unsafe csimd_arena_destroy(arena)
            throw .noMemory
        }
        unsafe self.arena = arena
        unsafe self.raw = raw
    }

    deinit { unsafe csimd_arena_destroy(arena) }
}
