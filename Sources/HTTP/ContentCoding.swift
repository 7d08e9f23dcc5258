import HTTPTypes

/// How a body is packed for its way: as it is, or by gzip.
enum ContentCoding: Equatable {
    case identity
    case gzip

    /// What the body of a request has come in.
    init(of headers: HTTPFields) throws(Problem) {
        let codings = headers[values: .contentEncoding].flatMap(Self.words)
            .map { $0.lowercased() }.filter { $0 != "identity" }
        switch codings {
        case []: self = .identity
        case ["gzip"], ["x-gzip"]: self = .gzip
        default:
            throw Problem(
                .unsupportedMediaType, field: "header:content-encoding", "expected gzip, or none")
        }
    }

    /// Whether the answer to a request may come by gzip.
    static func acceptsGzip(_ headers: HTTPFields) -> Bool {
        var accepts = false
        for word in headers[values: .acceptEncoding].flatMap(words) {
            let parts = word.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
            switch parts.first?.lowercased() {
            case "gzip", "x-gzip": return !isRefused(parts.dropFirst())
            case "*": accepts = !isRefused(parts.dropFirst())
            default: break
            }
        }
        return accepts
    }

    /// Whether the weight is 0.
    private static func isRefused(_ parameters: ArraySlice<String>) -> Bool {
        parameters.contains { $0.lowercased().hasPrefix("q=") && Double($0.dropFirst(2)) == 0 }
    }

    /// What stands between commas.
    private static func words(_ value: String) -> [String] {
        value.split(separator: ",").map { part in
            let start = part.drop { $0 == " " || $0 == "\t" }
            return String(start.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
        }
        .filter { !$0.isEmpty }
    }
}
