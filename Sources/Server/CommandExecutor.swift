import Domain
import Engine
import Text
import Wire

/// Carries commands out, one at a time, on one event loop: the one switch over all commands.
///
/// It decides nothing itself: the engine ranks and keeps, the text model reads, the wire writes.
struct CommandExecutor {
    /// What the connection does next.
    enum Outcome {
        case replied
        /// The reply is written; then the connection ends.
        case close
        /// The connection is as new.
        case reset
        /// A long scan, an export, or a text to read: a worker carries it out, and the connection waits.
        case handOver(WorkerJob)
        /// The change is on its way to the disk, and the connection waits.
        case waits(DeferredReply)
    }

    let shared: ServerShared
    let ranker: Ranker
    /// Reads texts; `nil` where texts are a worker's.
    let reader: MessageReader?
    /// Scans of more rows are a worker's; a worker has no such bound.
    let scanRowsMax: Int
    /// Of the thread that it works on.
    let meter: RequestMeter
    private var isWorker: Bool { scanRowsMax == .max }

    func execute(
        _ command: Command, _ arguments: CommandArguments, session: inout Session,
        writer: inout ReplyWriter
    ) -> Outcome {
        do throws(EngineError) {
            if try isWorkers(command, arguments) {
                return .handOver(
                    WorkerJob(command, arguments, session: session, form: writer.form))
            }
            switch command {
            case .rank(let rank):
                try self.rank(
                    .rank, rank, arguments, arrived: session.arrived, writer: &writer)
            case .recommend(let rank):
                try self.rank(
                    .recommend, rank, arguments, arrived: session.arrived, writer: &writer)
            case .explain(let explain): try self.explain(explain, arguments, writer: &writer)
            case .whyNot(let explain): try whyNot(explain, arguments, writer: &writer)
            case .signal(let signal):
                return try take(signal, session: &session, writer: &writer)
            case .userSet(let change):
                return ok(
                    shared.changes.set(change, now: shared.now), session: &session,
                    writer: &writer)
            case .userGet(let user): writer.reply(describe(user))
            case .suppress(let user, let topic):
                return number(
                    shared.changes.suppress(topic, for: user), session: &session, writer: &writer)
            case .unsuppress(let user, let topic):
                return number(
                    shared.changes.unsuppress(topic, for: user), session: &session, writer: &writer)
            case .retract(let user, let event):
                return number(
                    shared.changes.retract(event, of: user), session: &session, writer: &writer)
            case .forget(let user):
                return number(shared.changes.forget(user), session: &session, writer: &writer)
            case .export(let user): export(user, writer: &writer)
            case .itemAdd(let item):
                return add(item, session: &session, writer: &writer)
                    ?? .handOver(
                        WorkerJob(command, arguments, session: session, form: writer.form))
            case .itemGet(let id): writer.reply(describe(id))
            case .itemDelete(let ids): return remove(ids, session: &session, writer: &writer)
            case .catalogueBegin: return beginCatalogue(&session, writer: &writer)
            case .catalogueCommit: return try commitCatalogue(&session, writer: &writer)
            case .catalogueAbort: return try abortCatalogue(&session, writer: &writer)
            case .surfaceSet(let change):
                return ok(shared.changes.set(change), session: &session, writer: &writer)
            case .surfaceGet(let name): writer.reply(try describe(name))
            case .policyGet: writer.reply(describePolicy())
            case .policyCheck(let text): check(policy: text, writer: &writer)
            case .policySet(let text):
                return set(policy: text, session: &session, writer: &writer)
            case .snapshot: startSnapshot(&writer)
            case .lastSave: writeLastSave(&writer)
            case .slowLog(let command): answer(command, writer: &writer)
            case .info(let sections): writer.verbatim(InfoReport(shared).text(of: sections))
            case .command(let query): writer.reply(CommandTable.reply(to: query))
            case .ping(let range): pong(range, arguments, writer: &writer)
            case .echo(let range): writer.bulk(arguments[range])
            case .hello(let hello): greet(hello, session: &session, writer: &writer)
            case .auth(let credentials):
                authenticate(credentials, session: &session, writer: &writer)
            case .client(let client): self.client(client, session: &session, writer: &writer)
            case .select: writer.ok()
            case .reset:
                writer.simple("RESET")
                return .reset
            case .quit:
                writer.ok()
                return .close
            }
        } catch {
            shared.counters.commandErrors.increment()
            writer.error("ERR \(error.message)", code: error.code)
        }
        return .replied
    }

    /// Replies OK to a change.
    private func ok(
        _ answer: ChangeAnswer<Void>, session: inout Session, writer: inout ReplyWriter
    ) -> Outcome {
        reply(answer, session: &session, writer: &writer) { _, _, writer in writer.ok() }
    }

    /// Replies 1 to a change that there was, and 0 when there was nothing to change.
    private func number(
        _ answer: ChangeAnswer<Bool>, session: inout Session, writer: inout ReplyWriter
    ) -> Outcome {
        reply(answer, session: &session, writer: &writer) { isChanged, _, writer in
            writer.integer(isChanged ? 1 : 0)
        }
    }

    /// Whether the command takes too long for an event loop, and this executor works on one.
    private func isWorkers(
        _ command: Command, _ arguments: CommandArguments
    ) throws(EngineError) -> Bool {
        switch command {
        case .rank(let rank), .recommend(let rank):
            if try readsText(rank.occasion, arguments) { return true }
            if case .all = rank.candidates { return try isScan(rank.occasion, arguments) }
            return false
        case .explain(let explain): return try readsText(explain.occasion, arguments)
        case .whyNot(let explain):
            if try readsText(explain.occasion, arguments) { return true }
            return try isScan(explain.occasion, arguments)
        case .signal(let signal): return try readsText(signal)
        // Looks at every user.
        case .policyCheck: return !isWorker
        case .export: return !isWorker
        case .info(let sections): return !isWorker && InfoReport.isLong(sections)
        default: return false
        }
    }
}
