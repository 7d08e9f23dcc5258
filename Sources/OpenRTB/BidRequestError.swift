import Domain

/// Why a bid request cannot be read: what is wrong, and where.
package enum BidRequestError: Error, Equatable, Sendable {
    case tooLong(Int)
    /// Not JSON, from this byte on.
    case malformed(position: Int, reason: String)
    /// More than `Limits.bidRequestDepthMax` arrays and objects within each other.
    case tooDeep(position: Int)
    /// A field that matters is not what it must be; `pointer` is a JSON pointer (RFC 6901), empty for
    /// the request itself.
    case field(pointer: String, reason: String)

    /// One line for a person, without a trailing period.
    package var message: String {
        switch self {
        case .tooLong(let count):
            "the request has \(count) bytes, at most \(Limits.bidRequestBytesMax)"
        case .malformed(let position, let reason): "no JSON at byte \(position): \(reason)"
        case .tooDeep(let position):
            "arrays and objects lie more than \(Limits.bidRequestDepthMax) deep at byte \(position)"
        case .field("", let reason): reason
        case .field(let pointer, let reason): "\(pointer): \(reason)"
        }
    }

    /// The error as seen from the value that the erring one is the part `name` of.
    func within(_ name: String) -> BidRequestError {
        guard case .field(let pointer, let reason) = self else { return self }
        return .field(pointer: "/\(name)\(pointer)", reason: reason)
    }
}
