#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A value that one thread at a time may use, behind a mutex of the system.
///
/// `Synchronization.Mutex` does the same, but on Linux ThreadSanitizer cannot see it: every change
/// under the lock looks like a race, and real races hide among them.
@safe package struct Locked<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let value: UnsafeMutablePointer<Value>

    package init(_ initial: consuming sending Value) {
        unsafe mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        unsafe value = UnsafeMutablePointer<Value>.allocate(capacity: 1)
        unsafe value.initialize(to: initial)
        let failure = unsafe pthread_mutex_init(mutex, nil)
        precondition(failure == 0, "a mutex cannot be made: error \(failure)")
    }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe value.deinitialize(count: 1)
        unsafe value.deallocate()
        unsafe mutex.deallocate()
    }

    /// Calls `body` alone with the value. Not recursive.
    package borrowing func withLock<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let failure = unsafe pthread_mutex_lock(mutex)
        precondition(failure == 0, "a mutex cannot be locked: error \(failure)")
        defer { unsafe pthread_mutex_unlock(mutex) }
        return unsafe try body(&value.pointee)
    }
}
