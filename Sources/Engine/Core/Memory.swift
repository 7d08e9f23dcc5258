import CSIMD

/// What the allocator says of an arena or of the whole process, in bytes.
package struct Memory: Sendable, Equatable {
    package var allocated: UInt64 = 0
    package var active: UInt64 = 0
    package var resident: UInt64 = 0

    init(_ memory: csimd_memory) {
        allocated = memory.allocated_bytes
        active = memory.active_bytes
        resident = memory.resident_bytes
    }

    package init() {}

    package static var process: Memory { Memory(csimd_process_memory()) }

    /// Bytes that the calling thread has allocated so far.
    package static var allocatedByThread: UInt64 { csimd_thread_allocated_bytes() }

    static func += (left: inout Memory, right: Memory) {
        left.allocated += right.allocated
        left.active += right.active
        left.resident += right.resident
    }
}

/// A hash of bytes, the same on every machine; never 0.
func stableHash(_ bytes: Span<UInt8>) -> UInt64 {
    unsafe bytes.withUnsafeBufferPointer { unsafe csimd_hash($0.baseAddress, $0.count) }
}

func stableHash(_ text: String) -> UInt64 {
    var text = text
    return text.withUTF8 { unsafe csimd_hash($0.baseAddress, $0.count) }
}
