import Gzip

/// Texts to and from gzip; the module's one door to zlib.
enum GzipText {
    enum Fault: Error {
        /// It is no gzip, or something stands behind it.
        case malformed
        case tooLong
        case outOfMemory
    }

    /// How many times as long as its gzip a text is taken to be at first.
    private static let usualRatio = 8
    private static let roomMin = 4_096

    /// The text, of at most `bytesMax` bytes. No more than these are ever made of it.
    static func inflated(_ gzip: [UInt8], bytesMax: Int) throws(Fault) -> [UInt8] {
        let usual = min(max(gzip.count * usualRatio, roomMin), bytesMax)
        do {
            return try inflated(gzip, room: usual)
        } catch .tooLong where usual < bytesMax {
            return try inflated(gzip, room: bytesMax)
        }
    }

    private static func inflated(_ gzip: [UInt8], room: Int) throws(Fault) -> [UInt8] {
        var status = GZIP_OK
        let text = unsafe [UInt8](unsafeUninitializedCapacity: room) { room, count in
            status = unsafe gzip.withUnsafeBufferPointer {
                unsafe gzip_inflate(
                    $0.baseAddress, $0.count, room.baseAddress, room.count, &count)
            }
        }
        switch status {
        case GZIP_OK: return text
        case GZIP_NO_ROOM: throw .tooLong
        case GZIP_NO_MEMORY: throw .outOfMemory
        default: throw .malformed
        }
    }

    /// The gzip of a text; `nil` without memory for it.
    static func deflated(_ text: [UInt8]) -> [UInt8]? {
        var status = GZIP_OK
        let gzip = unsafe [UInt8](unsafeUninitializedCapacity: gzip_bound(text.count)) {
            room, count in
            status = unsafe text.withUnsafeBufferPointer {
                unsafe gzip_deflate(
                    $0.baseAddress, $0.count, room.baseAddress, room.count, &count)
            }
        }
        return status == GZIP_OK ? gzip : nil
    }
}
