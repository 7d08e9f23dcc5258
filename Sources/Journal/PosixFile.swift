import Glibc

/// An open file: the few calls of the operating system that durability rests on.
///
/// Every failure names the file and what the system said. `fsync` and `rename` are not to be had
/// from Foundation.
struct PosixFile: ~Copyable {
    let path: String
    let descriptor: Int32

    init(_ path: String, _ flags: Int32) throws(JournalError) {
        self.path = path
        descriptor = unsafe Glibc.open(path, flags | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Self.failure(path) }
    }

    deinit { _ = Glibc.close(descriptor) }

    /// Writes all of `bytes` at the file's position.
    func write(_ bytes: Span<UInt8>) throws(JournalError) {
        var done = 0
        while done < bytes.count {
            let written = unsafe bytes.withUnsafeBytes { source in
                unsafe Glibc.write(
                    descriptor, source.baseAddress?.advanced(by: done), source.count - done)
            }
            if written < 0 {
                if errno == EINTR { continue }
                throw Self.failure(path)
            }
            done += written
        }
    }

    func write(_ bytes: [UInt8], at offset: Int) throws(JournalError) {
        let written = unsafe bytes.withUnsafeBytes { source in
            unsafe Glibc.pwrite(descriptor, source.baseAddress, source.count, offset)
        }
        guard written == bytes.count else { throw Self.failure(path) }
    }

    /// The next bytes, at most `count`: fewer only at the file's end.
    func read(_ count: Int) throws(JournalError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let got = unsafe bytes.withUnsafeMutableBytes { room in
                unsafe Glibc.read(descriptor, room.baseAddress?.advanced(by: done), count - done)
            }
            if got < 0 {
                if errno == EINTR { continue }
                throw Self.failure(path)
            }
            if got == 0 { break }
            done += got
        }
        bytes.removeLast(count - done)
        return bytes
    }

    /// Returns when what was written is on the disk.
    func sync() throws(JournalError) {
        guard fdatasync(descriptor) == 0 else { throw Self.failure(path) }
    }

    /// Makes names that were added to or removed from a directory durable.
    static func syncDirectory(_ path: String) throws(JournalError) {
        let directory = try PosixFile(path, O_RDONLY | O_DIRECTORY)
        guard fsync(directory.descriptor) == 0 else { throw failure(path) }
    }

    static func rename(_ old: String, to new: String) throws(JournalError) {
        guard unsafe Glibc.rename(old, new) == 0 else { throw failure(old) }
    }

    /// Removes a file; that it does not exist is no error.
    static func remove(_ path: String) throws(JournalError) {
        guard unsafe Glibc.unlink(path) == 0 || errno == ENOENT else { throw failure(path) }
    }

    /// Bytes in a file, or nil when it does not exist.
    static func size(_ path: String) -> Int? {
        var information = stat()
        guard unsafe stat(path, &information) == 0 else { return nil }
        return Int(information.st_size)
    }

    /// In seconds since 1970; nil when there is no such file.
    static func modifiedSeconds(_ path: String) -> Int64? {
        var information = stat()
        guard unsafe stat(path, &information) == 0 else { return nil }
        return Int64(information.st_mtim.tv_sec)
    }

    /// The last error of the operating system, as words.
    static var reason: String { unsafe String(cString: strerror(errno)) }

    private static func failure(_ path: String) -> JournalError {
        .disk(file: path, reason: reason)
    }
}
