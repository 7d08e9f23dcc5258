import Domain
import NIOCore
import Wire

/// The replies that a connection owes, in the order of its commands: some are there, and wait for
/// one before them that is not.
///
/// Does no I/O, and writes nothing itself.
struct ReplyLine {
    private struct Entry {
        let verb: CommandName?
        let cameAt: Int64
        /// `nil` is still to come.
        var body: ReplyBody?
    }

    private var entries = CircularBuffer<Entry>()
    /// The number of the first.
    private var first = 0

    var isEmpty: Bool { entries.isEmpty }
    var count: Int { entries.count }

    /// Makes room for a reply that is to come, to a command of an instant; its number.
    mutating func expect(_ verb: CommandName, cameAt: Int64) -> Int {
        entries.append(Entry(verb: verb, cameAt: cameAt))
        return first + entries.count - 1
    }

    /// A reply that is there. There is no verb when the command is none.
    mutating func append(_ verb: CommandName?, cameAt: Int64, _ body: @escaping ReplyBody) {
        entries.append(Entry(verb: verb, cameAt: cameAt, body: body))
    }

    /// The reply of the number, expected before, has come.
    mutating func fulfil(_ number: Int, with body: @escaping ReplyBody) {
        precondition((first..<first + entries.count).contains(number), "no reply was expected")
        entries[entries.index(entries.startIndex, offsetBy: number - first)].body = body
    }

    /// Takes the next reply, when it is there.
    mutating func next() -> (body: ReplyBody, verb: CommandName?, cameAt: Int64)? {
        guard let entry = entries.first, let body = entry.body else { return nil }
        entries.removeFirst()
        first += 1
        return (body, entry.verb, entry.cameAt)
    }
}

extension Command {
    /// Whether it may be begun while changes before it, of the same connection, wait for their sync,
    /// and such changes after it while it does.
    ///
    /// Only what `ChangeLog` decides, which sees what is under way, and what leaves the connection as
    /// it is. A text is read before it is decided about, as far as the user's settings let it.
    var sharesSyncs: Bool {
        switch self {
        case .signal(let signal):
            if case .text = signal.about { return false }
            return true
        case .userSet, .suppress, .unsuppress, .retract, .forget, .itemAdd, .itemDelete:
            return true
        default: return false
        }
    }
}
