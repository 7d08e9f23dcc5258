import CSIMD
import Domain

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The whole state as it was when `Engine.copyState` made this: bytes that come out of a child process,
/// while the engine goes on.
///
/// One that is let go unread ends its child.
@safe package final class StateCopy: @unchecked Sendable {
    private let preamble: [UInt8]
    /// `nil` once it was read.
    private let child: Locked<csimd_state_child?>

    /// The writer's lock is held.
    init(
        preamble: StatePreamble, items: borrowing ItemStore, shards: [Engine.Shard]
    ) throws(StateError) {
        self.preamble = preamble.bytes
        // A shard changes under the writer's lock only; its own keeps readers from a change.
        let raw = unsafe shards.map { unsafe OpaquePointer?($0.users.withLock { unsafe $0.raw }) }
        var child = csimd_state_child()
        let status = unsafe raw.withUnsafeBufferPointer { shards in
            var source = unsafe csimd_state_source(
                store: items.raw, shards: shards.baseAddress, shards_count: shards.count)
            return unsafe csimd_state_fork(&source, &child)
        }
        switch status {
        case CSIMD_STATUS_OK: self.child = Locked(child)
        case CSIMD_STATUS_SYSTEM: throw .noProcess(unsafe String(cString: strerror(child.error)))
        default: throw .outOfMemory
        }
    }

    deinit {
        child.withLock { child in
            if var child { _ = unsafe csimd_state_child_end(&child) }
            child = nil
        }
    }

    /// Hands the state's bytes to `sink`, in pieces of at most `Limits.stateReadBytes`. Once.
    ///
    /// Blocks until the child has written everything. Throws what `sink` throws, and `torn` when the
    /// child ended early: then what came is no state.
    package func read(_ sink: (Span<UInt8>) throws -> Void) throws {
        guard var child = child.withLock({ $0.take() }) else {
            preconditionFailure("a copy of the state is read once")
        }
        var isEnded = false
        defer { if !isEnded { _ = unsafe csimd_state_child_end(&child) } }
        let preamble = preamble
        try sink(preamble.span)
        let end = Array(CSIMD_STATE_END.utf8)
        var last: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: Limits.stateReadBytes)
        while true {
            let count = unsafe buffer.withUnsafeMutableBufferPointer {
                unsafe csimd_state_child_read(&child, $0.baseAddress, $0.count)
            }
            guard count >= 0 else { throw StateError.torn }
            guard count > 0 else { break }
            try sink(buffer.span.extracting(0..<count))
            last = Array((last + buffer[..<count].suffix(end.count)).suffix(end.count))
        }
        isEnded = true
        guard unsafe csimd_state_child_end(&child), last == end else { throw StateError.torn }
    }
}
