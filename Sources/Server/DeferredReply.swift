import Journal
import Wire

/// Writes a reply on its connection's event loop, and changes what the connection is in the middle of.
typealias ReplyBody = @Sendable (inout Session, inout ReplyWriter) -> Void

/// A reply that is there once its change is: the connection waits for it, and keeps the order of its
/// replies.
struct DeferredReply: Sendable {
    /// Calls its argument once, from some thread.
    let whenReady: @Sendable (@escaping @Sendable (@escaping ReplyBody) -> Void) -> Void
    /// Its change has not had its turn: a connection has only so many of those.
    var isInLine = false

    init(
        _ whenReady:
            @escaping @Sendable (@escaping @Sendable (@escaping ReplyBody) -> Void) -> Void
    ) {
        self.whenReady = whenReady
    }
}

extension CommandExecutor {
    /// Replies to a change: now when it is made or refused, else when it is kept.
    func reply<Value>(
        _ answer: ChangeAnswer<Value>, session: inout Session, writer: inout ReplyWriter,
        _ body: @escaping @Sendable (Value, inout Session, inout ReplyWriter) -> Void
    ) -> Outcome {
        switch answer {
        case .done(let value):
            body(value, &session, &writer)
            return .replied
        case .refused(let refusal):
            refuse(refusal, writer: &writer)
            return .replied
        case .pending(let pending, let isInLine):
            var reply = DeferredReply { [counters = shared.counters] finish in
                pending.whenAnswered { answer in
                    finish { session, writer in
                        switch answer {
                        case .success(let value): body(value, &session, &writer)
                        case .failure(let refusal):
                            counters.commandErrors.increment()
                            writer.error(refusal.reply, code: refusal.code)
                        }
                    }
                }
            }
            reply.isInLine = isInLine
            return .waits(reply)
        }
    }

    private func refuse(_ refusal: ChangeRefusal, writer: inout ReplyWriter) {
        shared.counters.commandErrors.increment()
        writer.error(refusal.reply, code: refusal.code)
    }
}

extension ChangeRefusal {
    /// With a code word: redis clients know MISCONF as a server whose disk fails.
    var reply: String {
        switch self {
        case .engine, .stopping, .notKept(.recordTooLong(_, _)), .notKept(.closed): "ERR \(message)"
        case .notKept: "MISCONF \(message)"
        }
    }
}
