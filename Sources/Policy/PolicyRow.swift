import Domain

/// One row of the table as a file states it and an auditor reads it.
public struct PolicyRow: Sendable, Equatable {
    public enum Value: Sendable, Equatable {
        case flag(Bool)
        case word(String)
        /// A set: in one order, none twice.
        case words([String])
    }

    /// The heading that it stands under, and its name there.
    public let section: String
    public let key: String
    public let value: Value
    /// The announced rule that it states, as half a sentence; fixed rows only.
    let rule: String

    init(_ section: String, _ key: String, _ value: Value, rule: String = "") {
        self.section = section
        self.key = key
        self.value = value
        self.rule = rule
    }

    /// `regions.excluded`
    public var name: String { "\(section).\(key)" }

    /// Throws unless a file says of a fixed row what it is.
    public func check(_ stated: Value) throws(PolicyLoosening) {
        guard stated == value else {
            throw PolicyLoosening(name, stated.text, "it stands as \(value.text), \(rule)")
        }
    }
}

extension PolicyRow.Value {
    /// As TOML writes it. Words hold nothing that would need an escape.
    public var text: String {
        switch self {
        case .flag(let flag): "\(flag)"
        case .word(let word): "\"\(word)\""
        case .words(let words): "[" + words.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
        }
    }
}
