/// Why a text model is refused.
package enum TextModelError: Error, Equatable, Sendable {
    case tooShort(bytes: Int)
    case notABundle
    case version(found: UInt32, expected: UInt32)
    case size(found: Int, expected: UInt64)
    case digest(found: String, expected: String)
    case section(String)
    case noMemory

    /// One line for a person, without a trailing period.
    package var message: String {
        switch self {
        case .tooShort(let bytes):
            return "text model has \(bytes) bytes, too few for a header"
        case .notABundle:
            return "text model does not begin with CAIRNTXT"
        case .version(let found, let expected):
            return "text model has format version \(found), expected \(expected)"
        case .size(let found, let expected):
            return "text model has \(found) bytes, its header says \(expected)"
        case .digest(let found, let expected):
            return "text model is damaged: SHA-256 is \(found), its header says \(expected)"
        case .section(let tag):
            return "text model lacks a well-formed section \(tag)"
        case .noMemory:
            return "not enough memory to load the text model"
        }
    }
}
