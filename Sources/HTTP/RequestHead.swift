import HTTPTypes

/// Path and query of a request line.
struct RequestTarget {
    let path: Substring
    private let query: Substring?

    init(_ target: String) {
        let end = target.firstIndex { $0 == "?" || $0 == "#" } ?? target.endIndex
        path = target[..<end]
        let rest = target[end...]
        query = rest.first == "?" ? rest.dropFirst() : nil
    }

    /// The parameters of the query, each at most once and none but these.
    func parameters(allowed: [String]) throws(Problem) -> [String: String] {
        var parameters: [String: String] = [:]
        for part in (query ?? "").split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decoded(pair[0]),
                let value = PercentEncoding.decoded(pair.count > 1 ? pair[1] : "")
            else {
                throw Problem(
                    .malformedRequest, field: "query", "the query is not percent-encoded UTF-8")
            }
            guard allowed.contains(name) else {
                throw Problem(.malformedRequest, field: "query", "there is no such parameter")
            }
            guard parameters.updateValue(value, forKey: name) == nil else {
                throw Problem(
                    .malformedRequest, field: "query:\(name)", "the parameter comes twice")
            }
        }
        return parameters
    }
}

enum BearerToken {
    /// What stands behind `Bearer` in the one `Authorization` field.
    static func token(in headers: HTTPFields) -> String? {
        let values = headers[values: .authorization]
        guard values.count == 1 else { return nil }
        let words = values[0].split(separator: " ", maxSplits: 1)
        guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
        return String(words[1])
    }
}

enum MediaType {
    /// Throws unless the header says what the body must be.
    static func check(_ values: [String], for body: Route.Body) throws(Problem) {
        guard let expected = body.mediaType else { return }
        let parts = (values.count == 1 ? values[0] : "").split(separator: ";")
            .map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
        guard parts.first == expected,
            parts.dropFirst().allSatisfy({ $0 == "charset=utf-8" || $0 == "charset=\"utf-8\"" })
        else {
            throw Problem(
                .unsupportedMediaType, field: "header:content-type", "expected \(expected)")
        }
    }
}

extension HTTPField.Name {
    static let referrerPolicy: HTTPField.Name = {
        guard let name = HTTPField.Name("referrer-policy") else {
            preconditionFailure("the name is a token")
        }
        return name
    }()
}
