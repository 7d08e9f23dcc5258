import Domain

/// A state on its way into an empty engine.
///
/// Hand it the state's bytes in order, in pieces of any size, then `finish`. Until then the engine
/// looks empty; after an error, or when this is let go before, it is as empty as it was. One thread.
package final class StateRestoration {
    private let engine: Engine
    private let textModel: String
    /// Bytes of the preamble, until all of it has come.
    private var head: [UInt8] = []
    private var preamble: StatePreamble?
    private var reader: StateReader?
    private var failure: StateError?
    /// Taken so far.
    package private(set) var bytesCount: UInt64 = 0

    init(_ engine: Engine, textModel: String) throws(StateError) {
        self.engine = engine
        self.textModel = textModel
        try engine.writer.withLock { (writer) throws(StateError) in
            try engine.checkIsEmpty(writer)
        }
    }

    deinit { abandon() }

    /// Takes the next bytes. After an error every later call throws the same.
    package func add(_ piece: Span<UInt8>) throws(StateError) {
        try failing { () throws(StateError) in
            let start = try takeHead(piece)
            bytesCount += UInt64(piece.count)
            guard start < piece.count else { return }
            try engine.writer.withLock { (_) throws(StateError) in
                try reader?.take(piece.extracting(start..<piece.count))
            }
        }
    }

    /// Fills the engine, in one step, when all has come and is right.
    package func finish() throws(StateError) {
        try failing { () throws(StateError) in
            guard let preamble, reader != nil else {
                throw .damaged("it ends early", offset: bytesCount)
            }
            try engine.writer.withLock { (writer) throws(StateError) in
                try engine.checkIsEmpty(writer, butForSlots: true)
                try reader?.finish(sequence: preamble.sequence)
                engine.fill(from: reader?.shards ?? [], setup: preamble.setup)
                writer.isLoadingCatalogue = reader?.isLoadingCatalogue ?? false
                reader = nil
            }
        }
        failure = .notEmpty
    }

    private func failing(_ body: () throws(StateError) -> Void) throws(StateError) {
        if let failure { throw failure }
        do throws(StateError) { try body() } catch {
            failure = error
            abandon()
            throw error
        }
    }

    private func abandon() { engine.writer.withLock { _ in reader = nil } }

    /// Takes what belongs to the preamble; returns where the rest of the piece begins.
    private func takeHead(_ piece: Span<UInt8>) throws(StateError) -> Int {
        guard preamble == nil else { return 0 }
        var start = 0
        var wanted = StatePreamble.headBytes
        while true {
            let end = min(piece.count, start + max(0, wanted - head.count))
            for index in start..<end { head.append(piece[index]) }
            start = end
            guard head.count >= wanted else { return start }
            guard wanted == StatePreamble.headBytes else { break }
            wanted = try StatePreamble.count(ofHead: head)
            if wanted == StatePreamble.headBytes { break }
        }
        try begin(try StatePreamble(head))
        return start
    }

    private func begin(_ preamble: StatePreamble) throws(StateError) {
        guard preamble.tasteDimension == engine.tasteDimension else {
            throw .otherTasteDimension(
                state: preamble.tasteDimension, server: engine.tasteDimension)
        }
        guard preamble.textModel == textModel,
            preamble.topicsCount == engine.topics.names.count
        else { throw .otherTextModel(state: preamble.textModel, server: textModel) }
        self.preamble = preamble
        try engine.writer.withLock { (writer) throws(StateError) in
            try engine.checkIsEmpty(writer)
            reader = try StateReader(
                items: engine.items, shardsCount: engine.shards.count,
                topicsCount: preamble.topicsCount, setup: preamble.setup, offset: head.count)
        }
        head = []
    }
}

extension Engine {
    /// Throws when anything is held; the writer's lock is held.
    ///
    /// - Parameter butForSlots: Identifiers may be known, of items that nobody sees.
    fileprivate func checkIsEmpty(
        _ writer: Writer, butForSlots: Bool = false
    ) throws(StateError) {
        items.reclaim()
        let store = items.state
        let hasUsers = shards.contains { $0.users.withLock { $0.usersCount > 0 } }
        guard store.items == 0, butForSlots || store.slots == 0, !hasUsers,
            !writer.isLoadingCatalogue
        else { throw .notEmpty }
    }

    /// Puts the shards' users in the place of none; the writer's lock is held.
    fileprivate func fill(from filled: [Shard], setup: Setup) {
        for (shard, other) in zip(shards, filled) {
            shard.users.withLock { users in other.users.withLock { swap(&users, &$0) } }
        }
        setSetup(setup)
    }
}
