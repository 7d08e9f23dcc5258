import Engine
import Journal

/// What a change came to, now or later.
package enum ChangeAnswer<Value: Sendable>: Sendable {
    case done(Value)
    case refused(ChangeRefusal)
    /// Under `always`: until the change is kept. Also while the journal's queue is full.
    ///
    /// With `isInLine` it is not even decided: it depends on one that is under way.
    case pending(PendingChange<Value>, isInLine: Bool)
}

/// Why a change was not made. Memory is as it was.
package enum ChangeRefusal: Error, Equatable, Sendable {
    case engine(EngineError)
    /// The journal does not take it.
    case notKept(JournalError)
    /// The server is stopping.
    case stopping

    /// One line for a person, without a trailing period.
    package var message: String {
        switch self {
        case .engine(let error): error.message
        case .notKept(let error): "the change is not kept: \(error)"
        case .stopping: "the server is stopping"
        }
    }
}

/// A change whose answer is still to come, once, from some thread.
package final class PendingChange<Value: Sendable>: Sendable {
    package typealias Answer = Result<Value, ChangeRefusal>

    private enum State {
        case open
        case awaited(@Sendable (Answer) -> Void)
        case answered(Answer)
    }

    private let state = Locked(State.open)

    init() {}

    /// Calls `body` with the answer: at once, in this thread, when it is there; else in the thread
    /// that brings it, which must not be held up. Asked for once.
    package func whenAnswered(_ body: @escaping @Sendable (Answer) -> Void) {
        let answer: Answer? = state.withLock { state in
            if case .answered(let answer) = state { return answer }
            state = .awaited(body)
            return nil
        }
        if let answer { body(answer) }
    }

    var answerIfThere: Answer? {
        state.withLock { state in
            if case .answered(let answer) = state { answer } else { nil }
        }
    }

    func answer(_ answer: Answer) {
        let body: (@Sendable (Answer) -> Void)? = state.withLock { state in
            if case .awaited(let body) = state { return body }
            state = .answered(answer)
            return nil
        }
        body?(answer)
    }
}
