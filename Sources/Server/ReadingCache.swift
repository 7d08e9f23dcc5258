import Digest
import Domain
import Engine
import NIOConcurrencyHelpers

/// What the models made of texts around ads, by the SHA-256 of the text: a page is asked about many
/// times, and to read it takes a millisecond.
///
/// Only what a reading says is kept, which is the same for everyone, never a text, and nothing of what
/// people say. A reading must pass the walls each time, under the policy of then. Of what is kept, what
/// has not been asked for since the hand came by last makes room first (the clock algorithm).
final class ReadingCache: Sendable {
    typealias Key = SHA256Digest.Sum

    /// Locks that ThreadSanitizer can see.
    private let shards: [NIOLockedValueBox<Shard>]

    init(countMax: Int = Limits.readingsKeptMax, shards: Int = Limits.readingShards) {
        precondition(countMax >= shards, "a shard must hold something")
        self.shards = (0..<shards).map { _ in
            NIOLockedValueBox(Shard(countMax: countMax / shards))
        }
    }

    subscript(key: Key) -> MessageReading? {
        shard(of: key).withLockedValue { $0.reading(of: key) }
    }

    func keep(_ reading: MessageReading, for key: Key) {
        shard(of: key).withLockedValue { $0.keep(reading, for: key) }
    }

    private func shard(of key: Key) -> NIOLockedValueBox<Shard> {
        shards[Int(key.leastWord % UInt64(shards.count))]
    }
}

private struct Shard {
    private struct Entry {
        var key: ReadingCache.Key
        var reading: MessageReading
        /// Asked for since the hand came by.
        var isInUse = false
    }

    private let countMax: Int
    private var entries: [Entry] = []
    private var places: [ReadingCache.Key: Int] = [:]
    private var hand = 0

    init(countMax: Int) { self.countMax = countMax }

    mutating func reading(of key: ReadingCache.Key) -> MessageReading? {
        guard let place = places[key] else { return nil }
        entries[place].isInUse = true
        return entries[place].reading
    }

    mutating func keep(_ reading: MessageReading, for key: ReadingCache.Key) {
        if let place = places[key] {
            entries[place].reading = reading
        } else if entries.count < countMax {
            places[key] = entries.count
            entries.append(Entry(key: key, reading: reading))
        } else {
            makeRoom()
            places[entries[hand].key] = nil
            entries[hand] = Entry(key: key, reading: reading)
            places[key] = hand
            advance()
        }
    }

    /// Moves the hand to what is not in use.
    private mutating func makeRoom() {
        while entries[hand].isInUse {
            entries[hand].isInUse = false
            advance()
        }
    }

    private mutating func advance() { hand = (hand + 1) % entries.count }
}
