import HTTPTypes
import Hummingbird
import NIOCore
import Wire

/// How the reply to a command becomes a response.
enum Answer: Sendable {
    /// As it is; there is nothing of the name when it is null.
    case whole
    /// Nothing to say.
    case done
    /// How many there were: nothing to say when there was one, nothing of the name when there was none.
    case held
    /// Of an item that was added: what it is flagged as.
    case added
    /// Of a signal: whether it is used.
    case outcome
    /// The names of surfaces.
    case surfaces

    func response(to reply: ByteBuffer) throws(Problem) -> Response {
        switch self {
        case .whole:
            guard !Self.isWord(reply, "null") else { throw Self.nothing }
            return Self.json(reply)
        case .done: return Response(status: .noContent)
        case .held:
            guard !Self.isWord(reply, "0") else { throw Self.nothing }
            return Response(status: .noContent)
        case .added: return Self.json(["flagged": Self.flagged(in: reply)])
        case .outcome:
            let words = Self.words(of: reply)
            guard words.count == 2 else { return Self.json(["outcome": "used", "gate": nil]) }
            return Self.json(["outcome": "ignored", "gate": .bulk(words[1])])
        case .surfaces:
            var buffer = ByteBuffer(string: #"{"surfaces":"#)
            buffer.writeImmutableBuffer(reply)
            buffer.writeString("}")
            return Self.json(buffer)
        }
    }

    /// What an item that was added is about: `OK`, or `OK flagged health`.
    static func flagged(in reply: ByteBuffer) -> Reply {
        let words = words(of: reply)
        return words.count == 3 ? .bulk(words[2]) : .null
    }

    static func json(_ reply: Reply) -> Response {
        json(ByteBuffer(string: JSONWriter.text(of: reply)))
    }

    private static func json(_ buffer: ByteBuffer) -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: buffer))
    }

    private static let nothing = Problem(.notFound, field: "path", "nothing of this name is held")

    private static func isWord(_ reply: ByteBuffer, _ word: String) -> Bool {
        reply.readableBytesView.elementsEqual(word.utf8)
    }

    /// The words of a reply that is one string of the server's own.
    private static func words(of reply: ByteBuffer) -> [String] {
        String(buffer: reply).split { $0 == " " || $0 == "\"" }.map(String.init)
    }
}
