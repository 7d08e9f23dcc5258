import NIOCore
import Wire

/// The server's refusals, as they stand in the JSON of a reply, in the words of HTTP.
enum Refusal {
    private static let mark = Array(#"{"error":"#.utf8)

    /// The problem that the reply to a command is; `nil` when it is an answer.
    ///
    /// - Parameter named: What the path names; when that does not exist, the path is at fault.
    static func problem(in reply: ByteBuffer, named: ErrorCode?) -> Problem? {
        guard reply.readableBytesView.starts(with: mark) else { return nil }
        var code = ""
        var message = ""
        do throws(JSONError) {
            try JSONReader.read(Array(reply.readableBytesView)) { (reader) throws(JSONError) in
                try reader.object { (_, reader) throws(JSONError) in
                    try reader.object { (field, reader) throws(JSONError) in
                        let text = try reader.string()
                        if field == "code" { code = text } else { message = text }
                        return true
                    }
                    return true
                }
            }
        } catch {
            preconditionFailure("the server writes its errors as JSON")
        }
        return problem(ErrorCode(rawValue: code) ?? .refused, message, named: named)
    }

    private static func problem(
        _ code: ErrorCode, _ message: String, named: ErrorCode?
    ) -> Problem {
        guard code != named else { return Problem(.notFound, message) }
        switch code {
        case .unknownItem: return Problem(.invalidValue, field: "/item", message)
        case .unknownSurface: return Problem(.invalidValue, field: "/surface", message)
        case .unknownKind: return Problem(.invalidValue, field: "/kind", message)
        case .unknownTopic, .wrongVector, .futureTime, .incompleteSurface, .invalidPolicy, .refused:
            return Problem(.invalidValue, field: "", message)
        case .catalogueConflict: return Problem(.conflict, message)
        case .limitReached, .notKept, .late, .stopping, .loading:
            return Problem(.unavailable, message)
        }
    }
}
