/// Why a value could not be built: the peer's fault, in words that say what was expected.
public enum DomainError: Error, Equatable, Sendable {
    /// An identifier is empty or longer than `Limits.identifierBytesMax`.
    case identifierLength(Int)
    /// An identifier holds a control character or a space, or is not UTF-8.
    case identifierBytes
    /// A word is empty, too long, or not of lower-case letters, digits, `-`, `_`, `.` and `:`.
    case word(String)
    case region(String)
    /// Two letters that name no country.
    case country(String)
    case language(String)
    case time(String)
    case signalType(String)
    case modality(String)
    case lane(String)
    case sensitiveLabel(String)
    case bid(Int64)
    case probability(String)
    case tooMany(what: String, limit: Int)
    case textLength(Int)
    /// A policy is longer than `Limits.policyBytesMax`.
    case policyLength(Int)
    case textNotUTF8
    case term(String)
    case shape(String)
    /// A setting of a surface lies outside its range; the text says which and why.
    case setting(String)
    case vector(String)
    case space(String)
    case topic(String)
    case domain(String)
    case category(String)
    /// Not a finite decimal.
    case number(String)
    /// Not a whole number within the range.
    case integer(String, ClosedRange<Int64>)

    /// One line for a person, without a trailing period.
    public var message: String {
        switch self {
        case .identifierLength(let count):
            return "identifier has \(count) bytes, expected 1 to \(Limits.identifierBytesMax)"
        case .identifierBytes:
            return "identifier must be UTF-8 without spaces or control characters"
        case .word(let text):
            return "'\(text)' is not a name: expected 1 to \(Limits.wordBytesMax) letters, digits, "
                + "'-', '_', '.' or ':'"
        case .region(let text):
            return "'\(text)' is not a region: expected two letters of ISO 3166, or 'unknown'"
        case .country(let text):
            return "'\(text)' is no country of ISO 3166"
        case .language(let text):
            return "'\(text)' is not a language: expected two letters of ISO 639"
        case .time(let text):
            return "'\(text)' is not a time: expected ISO 8601 with Z or milliseconds since 1970, "
                + "up to the year 9999"
        case .signalType(let text):
            return "unknown signal type '\(text)'"
        case .modality(let text):
            return "unknown modality '\(text)': expected text or voice"
        case .lane(let text):
            return "unknown lane '\(text)': expected ads or content"
        case .sensitiveLabel(let text):
            return "unknown sensitive label '\(text)'"
        case .bid(let micros):
            return "bid \(micros) is outside 0 to \(Limits.bidMicrosMax) micros"
        case .probability(let text):
            return "'\(text)' is not a probability between 0 and 1, both excluded"
        case .tooMany(let what, let limit):
            return "too many \(what): at most \(limit)"
        case .textLength(let count):
            return "text has \(count) bytes, at most \(Limits.textBytesMax)"
        case .policyLength(let count):
            return "policy has \(count) bytes, at most \(Limits.policyBytesMax)"
        case .textNotUTF8:
            return "text is not valid UTF-8"
        case .term(let text):
            return "unknown term '\(text)': expected one of "
                + Term.allCases.map(\.rawValue).joined(separator: ", ")
        case .shape(let text):
            return "unknown shape '\(text)': expected linear or positive"
        case .space(let text):
            return "unknown space '\(text)': expected text or taste"
        case .topic(let text):
            return "'\(text)' is not the name of a topic: expected 1 to \(Limits.topicBytesMax) "
                + "bytes of UTF-8"
        case .domain(let text):
            return "'\(text)' is not a domain: expected labels of letters, digits, '-' and '_', "
                + "parted by '.'"
        case .category(let text):
            return "'\(text)' is not a category: expected 1 to \(Limits.categoryBytesMax) letters, "
                + "digits or '-'"
        case .number(let text):
            return "'\(text)' is not a finite decimal number"
        case .integer(let text, let range):
            return "'\(text)' is not a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .setting(let reason), .vector(let reason):
            return reason
        }
    }
}
