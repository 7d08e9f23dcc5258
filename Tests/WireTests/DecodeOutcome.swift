import Domain
import Wire

/// What a decoder makes of a stream of bytes: commands, and the error that ended it.
struct DecodeOutcome: Equatable {
    var commands: [[[UInt8]]] = []
    var error: WireError?
    /// Bytes behind the last whole command.
    var bytesLeft = 0

    /// Feeds the pieces one after the other, as a connection does: what is left of one piece
    /// stays in front of the next.
    init(feeding pieces: [[UInt8]], isTrusted: Bool = true) {
        var decoder = RESPDecoder()
        decoder.isTrusted = isTrusted
        var pending: [UInt8] = []
        for piece in pieces {
            pending += piece
            var used = 0
            do {
                while let count = try decoder.next(in: pending.span.extracting(used...)) {
                    let arguments = decoder.arguments(in: pending.span.extracting(used...))
                    commands.append(arguments.copied())
                    used += count
                }
            } catch {
                self.error = error
                return
            }
            pending.removeFirst(used)
        }
        bytesLeft = pending.count
    }
}

extension CommandArguments {
    func copied() -> [[UInt8]] {
        ranges.indices.map { index in
            let bytes = self[index]
            return bytes.indices.map { bytes[$0] }
        }
    }
}

extension Array where Element == UInt8 {
    init(_ text: String) { self = Array(text.utf8) }
}
