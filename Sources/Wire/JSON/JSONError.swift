/// Why a JSON text is not what was expected: where, and what is wrong with it.
package struct JSONError: Error, Equatable, Sendable {
    package enum Fault: Sendable {
        /// The bytes are no JSON text of RFC 8259.
        case syntax
        /// A value is missing, unknown, given twice, or of another type than expected.
        case shape
        /// A value has the right type, and is not one that may stand there.
        case value
    }

    package let fault: Fault
    /// The place as a JSON pointer (RFC 6901); empty is the whole text.
    package let pointer: String
    /// One line for a person, without a trailing period.
    package let reason: String

    package init(_ fault: Fault, at pointer: String, _ reason: String) {
        self.fault = fault
        self.pointer = pointer
        self.reason = reason
    }
}

/// Where in a JSON text a reader is.
struct JSONPath {
    private enum Step {
        case key(String)
        case index(Int)
    }

    private var steps: [Step] = []

    var depth: Int { steps.count }

    mutating func enter(_ key: String) { steps.append(.key(key)) }
    mutating func enter(_ index: Int) { steps.append(.index(index)) }
    mutating func leave() { steps.removeLast() }

    /// As RFC 6901 writes it: `/contexts/2/text`, with `~` as `~0` and `/` as `~1`.
    var pointer: String {
        steps.map { step in
            switch step {
            case .index(let index): return "/\(index)"
            case .key(let key):
                let escaped = key.split(separator: "~", omittingEmptySubsequences: false)
                    .joined(separator: "~0")
                    .split(separator: "/", omittingEmptySubsequences: false)
                    .joined(separator: "~1")
                return "/" + escaped
            }
        }.joined()
    }
}
