import Domain
import HTTPTypes
import Hummingbird
import NIOCore
import Wire

/// A bulk of items, one JSON text a line; answered line by line while it is read, and with counts
/// at the end.
///
/// A line that cannot be used does not end the load. A catalogue is replaced only when every line
/// could be used and the whole has come.
struct ItemLoad: Sendable {
    let session: any CommandSession
    let replacesCatalogue: Bool
    /// Whether lines that went well are answered too.
    let showsAll: Bool

    /// The query parameter `outcomes`.
    static func showsAll(_ outcomes: String?) throws(Problem) -> Bool {
        switch outcomes {
        case nil, "all": return true
        case "failed": return false
        default:
            throw Problem(.invalidValue, field: "query:outcomes", "expected all or failed")
        }
    }

    func response(to request: Request) async throws(Problem) -> Response {
        if replacesCatalogue {
            let reply = await session.run(CommandRequest(.catalogueBegin))
            if let problem = Refusal.problem(in: reply, named: nil) {
                await session.end()
                throw problem
            }
        }
        let body = ResponseBody { writer in
            var outcomes = Outcomes()
            do {
                try await read(request.body, &outcomes, &writer)
                try await writer.write(outcomes.take())
                try await writer.finish(nil)
            } catch {
                await session.end()
                throw error
            }
            await session.end()
        }
        return Response(
            status: .ok, headers: [.contentType: "application/x-ndjson"], body: body)
    }

    /// Throws when the client is gone.
    private func read(
        _ body: RequestBody, _ outcomes: inout Outcomes, _ writer: inout any ResponseBodyWriter
    ) async throws {
        var lines = LineSplitter()
        var fault: Problem?
        var parts = body.makeAsyncIterator()
        do {
            while let part = try await Self.next(&parts) {
                lines.append(part)
                while fault == nil, let line = lines.next() {
                    fault = await take(line, &outcomes)
                    if outcomes.isWorthSending { try await writer.write(outcomes.take()) }
                }
                if lines.isTooLong {
                    fault = Problem(
                        .tooLarge, field: "",
                        "a line has more than \(Limits.httpLineBytesMax) bytes")
                }
                guard fault == nil else { break }
                if outcomes.hasAny { try await writer.write(outcomes.take()) }
            }
            if fault == nil, let line = lines.rest() { fault = await take(line, &outcomes) }
        } catch let problem as Problem {
            fault = problem
        }
        let isComplete = fault == nil
        if let fault { outcomes.fail(fault) }
        var isCommitted: Bool?
        if replacesCatalogue {
            isCommitted = isComplete && outcomes.failed == 0 ? await commit(&outcomes) : false
        }
        outcomes.finish(isComplete: isComplete, isCommitted: isCommitted)
    }

    private static func next(
        _ parts: inout RequestBody.AsyncIterator
    ) async throws(Problem) -> ByteBuffer? {
        do { return try await parts.next() } catch {
            throw Problem(.malformedRequest, field: "", "the body does not come as announced")
        }
    }

    /// Adds the item of one line. Returns what ends the load.
    private func take(_ line: [UInt8], _ outcomes: inout Outcomes) async -> Problem? {
        outcomes.lines += 1
        guard outcomes.lines <= Limits.httpLinesMax else {
            return Problem(.tooLarge, field: "", "more than \(Limits.httpLinesMax) lines")
        }
        let item: ItemDraft
        do throws(JSONError) {
            item = try JSONReader.read(line) { (reader) throws(JSONError) in try reader.item() }
        } catch {
            outcomes.fail(Problem(error))
            return nil
        }
        let reply = await session.run(CommandRequest(.itemAdd(item)))
        if let problem = Refusal.problem(in: reply, named: nil) {
            outcomes.fail(problem, item: item.id)
        } else {
            outcomes.add(item.id, flagged: Answer.flagged(in: reply), isShown: showsAll)
        }
        return nil
    }

    private func commit(_ outcomes: inout Outcomes) async -> Bool {
        let reply = await session.run(CommandRequest(.catalogueCommit))
        guard let problem = Refusal.problem(in: reply, named: nil) else { return true }
        outcomes.fail(problem)
        return false
    }
}

/// The lines of a body that comes in parts.
private struct LineSplitter {
    private var bytes: [UInt8] = []
    private var start = 0
    /// Where no line end has been seen yet.
    private var searched = 0

    mutating func append(_ part: ByteBuffer) {
        bytes.removeFirst(start)
        searched -= start
        start = 0
        bytes.append(contentsOf: part.readableBytesView)
    }

    /// The next whole line that is not empty.
    mutating func next() -> [UInt8]? {
        while let end = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) {
            let line = bytes[start..<end]
            start = end + 1
            searched = start
            if !Self.isBlank(line) { return Array(line) }
        }
        searched = bytes.count
        return nil
    }

    /// What stands behind the last line end, if anything.
    mutating func rest() -> [UInt8]? {
        let line = bytes[start...]
        start = bytes.count
        return Self.isBlank(line) ? nil : Array(line)
    }

    var isTooLong: Bool { bytes.count - start > Limits.httpLineBytesMax }

    private static func isBlank(_ line: ArraySlice<UInt8>) -> Bool {
        line.allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") }
    }
}

/// What has become of the lines: texts that wait to be sent, and the counts.
private struct Outcomes {
    var lines = 0
    private(set) var failed = 0
    private var added = 0
    private var flagged = 0
    private var buffer = ByteBuffer()

    var hasAny: Bool { buffer.readableBytes > 0 }
    var isWorthSending: Bool { buffer.readableBytes >= Limits.httpOutcomesBytes }

    mutating func add(_ item: ItemID, flagged label: Reply, isShown: Bool) {
        added += 1
        if label != .null { flagged += 1 }
        guard isShown else { return }
        write(["line": .integer(lines), "id": .bulk(item.text), "flagged": label])
    }

    mutating func fail(_ problem: Problem, item: ItemID? = nil) {
        failed += 1
        write([
            "line": .integer(lines), "id": item.map { .bulk($0.text) } ?? .null,
            "problem": problem.document,
        ])
    }

    /// - Parameter isCommitted: Of a catalogue: whether it is in place.
    mutating func finish(isComplete: Bool, isCommitted: Bool?) {
        write([
            "lines": .integer(lines), "added": .integer(added), "flagged": .integer(flagged),
            "failed": .integer(failed), "complete": .boolean(isComplete),
            "committed": isCommitted.map(Reply.boolean) ?? .null,
        ])
    }

    mutating func take() -> ByteBuffer {
        defer { buffer = ByteBuffer() }
        return buffer
    }

    private mutating func write(_ reply: Reply) {
        buffer.writeString(JSONWriter.text(of: reply))
        buffer.writeString("\n")
    }
}
