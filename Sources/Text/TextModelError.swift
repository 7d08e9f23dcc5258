/// Why a model's bundle is refused.
package enum TextModelError: Error, Equatable, Sendable {
    case missing(path: String)
    case unreadable(path: String)
    case tooShort(bytes: Int)
    /// `magic` is what it should begin with.
    case notABundle(magic: String)
    case version(found: UInt32, expected: UInt32)
    case size(found: Int, expected: UInt64)
    case digest(found: String, expected: String)
    case section(String)
    /// The gate's topics are not the text model's.
    case otherTopics
    case noMemory

    /// One line for a person, without a trailing period; the text model unless another is named.
    package func message(of model: String = "text model") -> String {
        switch self {
        case .missing(let path): "\(model) '\(path)' does not exist"
        case .unreadable(let path): "\(model) '\(path)' cannot be read"
        case .tooShort(let bytes): "\(model) has \(bytes) bytes, too few for a header"
        case .notABundle(let magic): "\(model) does not begin with \(magic)"
        case .version(let found, let expected):
            "\(model) has format version \(found), expected \(expected)"
        case .size(let found, let expected):
            "\(model) has \(found) bytes, its header says \(expected)"
        case .digest(let found, let expected):
            "\(model) is damaged: SHA-256 is \(found), its header says \(expected)"
        case .section(let tag): "\(model) lacks a well-formed section \(tag)"
        case .otherTopics: "\(model) was made for another list of topics than the text model"
        case .noMemory: "not enough memory to load the \(model)"
        }
    }
}
