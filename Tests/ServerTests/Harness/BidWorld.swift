import Domain
import Engine
import Logging
import OpenRTB
import Testing
import Text

@testable import Server

/// A server's insides without sockets, and an executor of bid requests on the test's own thread.
struct BidWorld {
    let shared: ServerShared
    let executor: BidExecutor
    let clock: Timestamp

    /// Loaded once; with the gate.
    private static let shippedModels = Result { () throws(ConfigurationError) in
        try ServerModels.load(gatePath: "")
    }

    /// - Parameter hasGate: Whether texts can be read; without, no chat and no context text counts.
    init(
        hasGate: Bool = false, isWorker: Bool = true,
        _ change: (inout ServerConfiguration) -> Void = { _ in }
    ) throws {
        var configuration = try ServerConfiguration.shipped()
        change(&configuration)
        try configuration.check()
        let models =
            hasGate ? try Self.shippedModels.get() : try ServerModels.load(gatePath: "/no/gate")
        shared = try CairnServer.shared(
            configuration, models: models,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        executor = try Self.executor(shared, isWorker: isWorker)
        clock = try Timestamp("2026-02-01T12:00:00Z")
    }

    private init(_ shared: ServerShared, _ executor: BidExecutor, clock: Timestamp) {
        self.shared = shared
        self.executor = executor
        self.clock = clock
    }

    /// The same server with another executor.
    func beside(isWorker: Bool) throws -> BidWorld {
        BidWorld(shared, try Self.executor(shared, isWorker: isWorker), clock: clock)
    }

    /// As the server makes those of its event loops and its workers.
    private static func executor(_ shared: ServerShared, isWorker: Bool) throws -> BidExecutor {
        let readsTexts = isWorker || shared.gate == nil
        return try BidExecutor(
            shared, ranker: try shared.engine.makeRanker(),
            reader: readsTexts ? try MessageReader(model: shared.text, gate: shared.gate) : nil,
            isWorker: isWorker)
    }

    func add(
        _ id: String, _ text: String, bid: Int64 = 2_500_000,
        _ change: (inout ItemDraft) throws -> Void = { _ in }
    ) throws {
        var draft = ItemDraft(id: try ItemID(id), kind: try Kind("ad"))
        draft.text = text
        draft.bidMicros = bid
        try change(&draft)
        let reading = shared.text.readItem(text.utf8.span)
        try shared.changes.add(draft, textRow: reading.row, sensitive: nil, isStaged: false).wait()
    }

    /// Somebody in the United States who was told, likes what `item` is about, and talks about hiking.
    func makeHiker(_ user: String, likes item: String) throws {
        let id = try UserID(user)
        let start = try Timestamp("2026-01-01T00:00:00Z")
        var change = UserChange(user: id)
        change.region = try Region("US")
        change.notice = start
        try shared.changes.set(change, now: start).wait()
        let now = try Timestamp("2026-02-01T11:00:00Z")
        let like = SignalDraft(user: id, type: .like, about: .item(try ItemID(item)))
        #expect(try shared.changes.take(like, reading: nil, now: now).wait() == nil)
        let chat = SignalDraft(user: id, type: .chat, about: .topic("hiking"))
        #expect(try shared.changes.take(chat, reading: nil, now: now).wait() == nil)
    }

    /// The outcome and the body of the answer.
    func answer(_ request: String) -> (outcome: BidExecutor.Outcome, body: String) {
        var output: [UInt8] = []
        let outcome = executor.answer(Array(request.utf8).span, clock: clock, into: &output)
        return (outcome, String(decoding: output, as: UTF8.self))
    }

    /// The body of a response with bids.
    func bids(_ request: String) -> String {
        let (outcome, body) = answer(request)
        #expect(outcome == .response, "\(body)")
        return body
    }

    /// A request for one impression with no floor and these fields besides.
    static func request(_ fields: String = "", imp: String = "{\"id\":\"1\",\"banner\":{}}")
        -> String
    {
        "{\"id\":\"r\",\"imp\":[\(imp)]" + (fields.isEmpty ? "" : ",\(fields)") + "}"
    }
}
