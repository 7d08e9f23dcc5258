import HTTPTypes
import Hummingbird
import NIOCore
import Wire

/// Why a request is not answered as it asks: an RFC 9457 problem document.
struct Problem: Error, Equatable {
    /// What sorts of problem there are: the last part of `type`, with status and title.
    enum Sort: String, CaseIterable {
        case malformedRequest = "malformed-request"
        case malformedJSON = "malformed-json"
        /// A field is missing, unknown, given twice, or of another type than expected.
        case invalidShape = "invalid-shape"
        case unauthorised = "unauthorised"
        case noSuchPath = "no-such-path"
        /// There is nothing of this name.
        case notFound = "not-found"
        case methodNotAllowed = "method-not-allowed"
        case bodyTimeout = "body-timeout"
        case conflict
        case tooLarge = "too-large"
        case unsupportedMediaType = "unsupported-media-type"
        /// The request is well-formed, and asks for what cannot be.
        case invalidValue = "invalid-value"
        case unavailable

        var status: HTTPResponse.Status {
            switch self {
            case .malformedRequest, .malformedJSON, .invalidShape: .badRequest
            case .unauthorised: .unauthorized
            case .noSuchPath, .notFound: .notFound
            case .methodNotAllowed: .methodNotAllowed
            case .bodyTimeout: .requestTimeout
            case .conflict: .conflict
            case .tooLarge: .contentTooLarge
            case .unsupportedMediaType: .unsupportedMediaType
            case .invalidValue: .unprocessableContent
            case .unavailable: .serviceUnavailable
            }
        }

        var title: String {
            switch self {
            case .malformedRequest: "The request cannot be understood"
            case .malformedJSON: "The body is not JSON"
            case .invalidShape: "The body has another shape than expected"
            case .unauthorised: "A bearer token is required"
            case .noSuchPath: "There is no such path"
            case .notFound: "There is no such thing"
            case .methodNotAllowed: "The path does not take this method"
            case .bodyTimeout: "The body did not come in time"
            case .conflict: "Something else is under way"
            case .tooLarge: "The body is too large"
            case .unsupportedMediaType: "The body is of another media type than expected"
            case .invalidValue: "A value cannot be used"
            case .unavailable: "The server cannot do this now"
            }
        }
    }

    let sort: Sort
    /// The place in the body as a JSON pointer, or the part of the request.
    var field: String?
    /// One line for a person, without a trailing period.
    let reason: String
    /// The methods that the path takes, for `methodNotAllowed`.
    var allowed: [HTTPRequest.Method] = []

    init(_ sort: Sort, field: String? = nil, _ reason: String) {
        self.sort = sort
        self.field = field
        self.reason = reason
    }

    init(_ error: JSONError) {
        switch error.fault {
        case .syntax: self.init(.malformedJSON, field: error.pointer, error.reason)
        case .shape: self.init(.invalidShape, field: error.pointer, error.reason)
        case .value: self.init(.invalidValue, field: error.pointer, error.reason)
        }
    }

    /// `type`, `title`, `status`, `detail`, `field` (null when no part of the request is to blame)
    /// and `reason`.
    var document: Reply {
        let place =
            switch field {
            case nil: ""
            case "": "the body: "
            case .some(let field): "\(field): "
            }
        return [
            "type": .bulk("urn:cairn:problem:\(sort.rawValue)"),
            "title": .bulk(sort.title),
            "status": .integer(sort.status.code),
            "detail": .bulk(place + reason),
            "field": field.map(Reply.bulk) ?? .null,
            "reason": .bulk(reason),
        ]
    }

    var response: Response {
        var headers: HTTPFields = [.contentType: "application/problem+json"]
        switch sort {
        case .methodNotAllowed:
            headers[.allow] = allowed.map(\.rawValue).joined(separator: ", ")
        case .unauthorised: headers[.wwwAuthenticate] = "Bearer"
        case .unavailable: headers[.retryAfter] = "1"
        default: break
        }
        return Response(
            status: sort.status, headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(string: JSONWriter.text(of: document))))
    }
}
