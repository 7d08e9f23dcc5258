/// A reply as a tree, for commands that are not asked often: `ReplyWriter` turns it into RESP2 or
/// RESP3 and `JSONWriter` into JSON. Literals read as what they mean:
/// `["name": "feed", "bias": -2.5, "kinds": ["post"]]`.
package indirect enum Reply: Sendable, Equatable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case double(Double)
    /// A word of our own, such as OK.
    case simple(String)
    /// Begins with a code word.
    case error(String)
    case bulk(String)
    case bytes([UInt8])
    /// A text for people.
    case verbatim(String)
    case array([Reply])
    case set([Reply])
    case map([Field])

    /// One key of a map with its value; the order is kept.
    package struct Field: Sendable, Equatable {
        package let key: String
        package let value: Reply

        package init(_ key: String, _ value: Reply) {
            self.key = key
            self.value = value
        }
    }

    package static func integer(_ value: Int) -> Reply { .integer(Int64(value)) }
}

extension Reply: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    package init(stringLiteral value: String) { self = .bulk(value) }
}

extension Reply: ExpressibleByIntegerLiteral {
    package init(integerLiteral value: Int64) { self = .integer(value) }
}

extension Reply: ExpressibleByFloatLiteral {
    package init(floatLiteral value: Double) { self = .double(value) }
}

extension Reply: ExpressibleByBooleanLiteral {
    package init(booleanLiteral value: Bool) { self = .boolean(value) }
}

extension Reply: ExpressibleByNilLiteral {
    package init(nilLiteral: ()) { self = .null }
}

extension Reply: ExpressibleByArrayLiteral {
    package init(arrayLiteral elements: Reply...) { self = .array(elements) }
}

extension Reply: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, Reply)...) {
        self = .map(elements.map { Field($0, $1) })
    }
}
