import Foundation

/// How long a thread has computed and how long it was ready and waited for a core, in nanoseconds.
///
/// Linux counts both for every thread; elsewhere there is nothing to read.
package struct ThreadUse: Equatable, Sendable {
    package let ranNanoseconds: UInt64
    package let waitedNanoseconds: UInt64
    /// The time over which the two were counted.
    package let overNanoseconds: UInt64

    package init(ranNanoseconds: UInt64, waitedNanoseconds: UInt64, overNanoseconds: UInt64) {
        self.ranNanoseconds = ranNanoseconds
        self.waitedNanoseconds = waitedNanoseconds
        self.overNanoseconds = overNanoseconds
    }

    /// Of the thread that asks, since it began.
    ///
    /// - Parameter now: The instant on the clock that the difference is taken of.
    static func current(at now: UInt64) -> ThreadUse? {
        guard let file = FileHandle(forReadingAtPath: "/proc/thread-self/schedstat"),
            let data = try? file.read(upToCount: 128)
        else { return nil }
        let numbers = String(decoding: data, as: UTF8.self).split(separator: " ")
        guard numbers.count >= 2, let ran = UInt64(numbers[0]), let waited = UInt64(numbers[1])
        else { return nil }
        return ThreadUse(ranNanoseconds: ran, waitedNanoseconds: waited, overNanoseconds: now)
    }

    func since(_ earlier: ThreadUse) -> ThreadUse {
        ThreadUse(
            ranNanoseconds: ranNanoseconds &- earlier.ranNanoseconds,
            waitedNanoseconds: waitedNanoseconds &- earlier.waitedNanoseconds,
            overNanoseconds: overNanoseconds &- earlier.overNanoseconds)
    }

    var busyShare: Double { Double(ranNanoseconds) / Double(max(overNanoseconds, 1)) }
    var waitedShare: Double { Double(waitedNanoseconds) / Double(max(overNanoseconds, 1)) }
}
