import Digest
import Dispatch
import Synchronization

/// Tries properties on many random logs, on several threads, and tells what it found.
///
/// What it finds depends on the seed and the number of cases alone: threads take chunks of cases in
/// turn, and each case is as if there were no other.
package struct Prover: Sendable {
    package var seed: UInt64 = 1
    package var casesCount = 100_000
    package var threadsCount = 1
    package var properties = Property.all
    /// Whether the log of a failure is made small, which tries it many times more.
    package var shrinks = true
    package let world: World

    package init(_ world: World) { self.world = world }

    /// What a proof came to.
    package struct Outcome: Sendable {
        package var casesCount = 0
        /// Cases of each property, in their order.
        package var counts: [Int] = []
        /// Replies that were compared or checked, in all.
        package var comparisons = 0
        /// Of all these replies; the same seed, cases and readings give the same on every machine.
        package var digest = ""
        package var failure: Failure?
    }

    /// The first case that broke a promise, made as small as it goes.
    package struct Failure: Sendable {
        package let property: String
        package let promise: String
        package let caseNumber: Int
        package let log: Log
        package let account: String
    }

    private static let chunkCases = 128

    /// What one chunk of cases came to.
    private struct Chunk: Sendable {
        var counts: [Int]
        var comparisons = 0
        var digests: [UInt8] = []
        var failure: (property: Int, number: Int)?
    }

    private struct Progress: Sendable {
        var next = 0
        var chunks: [Int: Chunk] = [:]
        var hasFailed = false
        var error: ProofError?
    }

    /// - Parameter report: Is told of the share that is done, now and then, from any thread.
    package func run(
        report: @escaping @Sendable (Int) -> Void = { _ in }
    ) throws(ProofError) -> Outcome {
        let chunksCount = (casesCount + Self.chunkCases - 1) / Self.chunkCases
        let progress = Mutex(Progress())
        let schedule = Self.schedule(properties)
        DispatchQueue.concurrentPerform(iterations: threadsCount) { _ in
            do throws(ProofError) {
                let bench = try Bench(world)
                while true {
                    let number = progress.withLock { progress -> Int? in
                        guard !progress.hasFailed, progress.next < chunksCount else { return nil }
                        progress.next += 1
                        return progress.next - 1
                    }
                    guard let number else { return }
                    let chunk = run(chunk: number, schedule: schedule, on: bench)
                    progress.withLock {
                        $0.chunks[number] = chunk
                        if chunk.failure != nil { $0.hasFailed = true }
                    }
                    report(min(casesCount, (number + 1) * Self.chunkCases))
                }
            } catch {
                progress.withLock {
                    $0.error = error
                    $0.hasFailed = true
                }
            }
        }
        let (chunks, error) = progress.withLock { ($0.chunks, $0.error) }
        if let error { throw error }
        return try outcome(of: chunks.sorted { $0.key < $1.key }.map(\.value))
    }

    /// Which property has its turn at a case: each as often as its rarity lets it, in rounds.
    private static func schedule(_ properties: [Property]) -> [Int] {
        let rarest = properties.map(\.rarity).max() ?? 1
        return (0..<rarest).flatMap { round in
            properties.indices.filter { round % properties[$0].rarity == 0 }
        }
    }

    private func run(chunk number: Int, schedule: [Int], on bench: Bench) -> Chunk {
        var chunk = Chunk(counts: Array(repeating: 0, count: properties.count))
        let first = number * Self.chunkCases
        let comparisons = bench.comparisons
        for place in first..<min(first + Self.chunkCases, casesCount) {
            let index = schedule[place % schedule.count]
            let property = properties[index]
            bench.beginCase(place)
            chunk.counts[index] += 1
            let log = property.log(seed: seed, number: place, world: world)
            if property.check(log, bench) != nil {
                chunk.failure = (index, place)
                break
            }
            chunk.digests += bench.digestOfCase()
        }
        chunk.comparisons = bench.comparisons - comparisons
        return chunk
    }

    private func outcome(of chunks: [Chunk]) throws(ProofError) -> Outcome {
        var outcome = Outcome()
        outcome.counts = properties.indices.map { index in
            chunks.reduce(0) { $0 + $1.counts[index] }
        }
        outcome.casesCount = outcome.counts.reduce(0, +)
        outcome.comparisons = chunks.reduce(0) { $0 + $1.comparisons }
        var digest = SHA256Digest.Stream()
        for chunk in chunks { digest.add(chunk.digests.span) }
        outcome.digest = SHA256Digest.hexadecimal(digest.finish())
        if let (index, number) = chunks.lazy.compactMap(\.failure).first {
            outcome.failure = try failure(of: properties[index], number: number)
        }
        return outcome
    }

    /// Shrinks the log of a case that failed.
    private func failure(of property: Property, number: Int) throws(ProofError) -> Failure {
        let bench = try Bench(world)
        let log = property.log(seed: seed, number: number, world: world)
        var shrinker = Shrinker {
            bench.beginCase(number)
            return property.check($0, bench) != nil
        }
        let smallest = shrinks ? shrinker.shrink(log) : log
        bench.beginCase(number)
        let breach = property.check(smallest, bench)
        return Failure(
            property: property.name, promise: property.promise, caseNumber: number, log: smallest,
            account: breach?.account
                ?? "it fails behind other cases only: what they left has not been forgotten")
    }
}
