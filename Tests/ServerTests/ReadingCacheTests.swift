import Digest
import Domain
import Engine
import Testing

@testable import Server

@Suite struct ReadingCacheTests {
    private static func key(_ number: Int) -> ReadingCache.Key {
        var digests = SHA256Digest.Members()
        return digests.sum(of: "text \(number)".utf8.span)
    }

    /// A reading that tells which one it is.
    private static func reading(_ number: Int) -> MessageReading {
        let topic = TopicWeight(topic: TopicID(rawValue: UInt16(number)), weight: 1)
        return MessageReading(language: .known, sensitive: nil, topics: [topic])
    }

    @Test func `what is asked for stays, and the rest makes room`() {
        let cache = ReadingCache(countMax: 8, shards: 1)
        for number in 0..<100 {
            cache.keep(Self.reading(number), for: Self.key(number))
            #expect(cache[Self.key(0)] == Self.reading(0))
        }
        #expect(cache[Self.key(99)] == Self.reading(99))
        let held = (0..<100).filter { cache[Self.key($0)] != nil }
        #expect(held.count == 8)
        #expect(held.first == 0)
    }

    @Test func `a reading takes the place of an earlier one of the same text`() {
        let cache = ReadingCache(countMax: 4, shards: 2)
        cache.keep(Self.reading(1), for: Self.key(1))
        cache.keep(Self.reading(2), for: Self.key(1))
        #expect(cache[Self.key(1)] == Self.reading(2))
        #expect(cache[Self.key(2)] == nil)
    }

    @Test func `it holds no more than it may`() {
        let cache = ReadingCache(countMax: 64, shards: 16)
        for number in 0..<1_000 { cache.keep(Self.reading(number), for: Self.key(number)) }
        #expect((0..<1_000).count { cache[Self.key($0)] != nil } <= 64)
    }
}
