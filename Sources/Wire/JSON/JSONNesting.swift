import NIOCore

/// Puts commas, colons and closing brackets between the values of a JSON text that is written as
/// headers and values: a header promises so many elements, as in RESP.
struct JSONNesting {
    private struct Level {
        var isMap = false
        /// Values written, and to be written; a key is a value.
        var done = 0
        var count = 0
    }

    private var levels = InlineArray<8, Level>(repeating: Level())
    private var depth = 0

    /// A value comes next.
    func begin(in buffer: inout ByteBuffer) {
        guard depth > 0, levels[depth - 1].done > 0 else { return }
        let level = levels[depth - 1]
        buffer.writeStaticString(level.isMap && level.done % 2 == 1 ? ":" : ",")
    }

    /// A value has been written: closes what is complete with it.
    mutating func end(in buffer: inout ByteBuffer) {
        while depth > 0 {
            levels[depth - 1].done += 1
            guard levels[depth - 1].done == levels[depth - 1].count else { return }
            close(in: &buffer)
        }
    }

    mutating func beginArray(count: Int, in buffer: inout ByteBuffer) {
        open(Level(isMap: false, count: count), "[", in: &buffer)
    }

    /// So many keys, each followed by its value.
    mutating func beginMap(count: Int, in buffer: inout ByteBuffer) {
        open(Level(isMap: true, count: 2 * count), "{", in: &buffer)
    }

    private mutating func open(_ level: Level, _ mark: StaticString, in buffer: inout ByteBuffer) {
        precondition(depth < levels.count, "replies are no deeper")
        begin(in: &buffer)
        buffer.writeStaticString(mark)
        levels[depth] = level
        depth += 1
        guard level.count == 0 else { return }
        close(in: &buffer)
        end(in: &buffer)
    }

    private mutating func close(in buffer: inout ByteBuffer) {
        depth -= 1
        buffer.writeStaticString(levels[depth].isMap ? "}" : "]")
    }
}
