import Domain
import FastJSON

/// Reads JSON texts; the module's one door to simdjson.
///
/// One thread at a time. All memory is reserved when it is made, so a text costs no allocation.
@safe package struct JSONParser: ~Copyable {
    private let raw: OpaquePointer

    /// `nil` when there is no memory.
    package init?() {
        guard
            let raw = unsafe fast_json_create(
                Limits.bidRequestBytesMax, Limits.bidRequestDepthMax)
        else { return nil }
        unsafe self.raw = raw
    }

    deinit { unsafe fast_json_destroy(raw) }

    /// Hands the value that the text is to `body`, which cannot keep it.
    package mutating func read<Result>(
        _ text: Span<UInt8>, _ body: (JSONValue) throws(BidRequestError) -> Result
    ) throws(BidRequestError) -> Result {
        var fault = unsafe fast_json_fault()
        let status = unsafe text.withUnsafeBufferPointer {
            unsafe fast_json_parse(raw, $0.baseAddress, $0.count, &fault)
        }
        switch status {
        case FAST_JSON_OK: return try body(unsafe JSONValue(raw, fast_json_root(raw)))
        case FAST_JSON_TOO_LONG: throw .tooLong(text.count)
        case FAST_JSON_TOO_DEEP: throw .tooDeep(position: unsafe fault.position)
        default:
            throw unsafe .malformed(
                position: fault.position, reason: String(cString: fault.reason))
        }
    }
}

/// A value within the document of a parser, which cannot outlive the reading of it.
@safe package struct JSONValue: ~Escapable {
    private let parser: OpaquePointer
    private let place: UInt32

    @_lifetime(immortal)
    fileprivate init(_ parser: OpaquePointer, _ place: UInt32) {
        unsafe self.parser = parser
        self.place = place
    }

    package enum Kind: String {
        case null
        case boolean = "true or false"
        case integer = "a whole number"
        case number = "a number"
        case string = "a string"
        case array = "an array"
        case object = "an object"
        /// A number that no double holds, or a string with half a character.
        case beyond = "a number or a string that is out of range"
    }

    package var kind: Kind {
        switch unsafe fast_json_kind_of(parser, place) {
        case FAST_JSON_NULL: .null
        case FAST_JSON_FALSE, FAST_JSON_TRUE: .boolean
        case FAST_JSON_INTEGER: .integer
        case FAST_JSON_UNSIGNED, FAST_JSON_DOUBLE: .number
        case FAST_JSON_STRING: .string
        case FAST_JSON_ARRAY: .array
        case FAST_JSON_OBJECT: .object
        default: .beyond
        }
    }

    /// The integer that this is.
    package var integer: Int64 { unsafe fast_json_integer(parser, place) }

    /// The number that this is, whole or not.
    package var number: Double { unsafe fast_json_number(parser, place) }

    /// The string that this is, unescaped; `nil` when it is not UTF-8 or longer than `bytesMax`.
    package func string(bytesMax: Int) -> String? {
        let text = unsafe fast_json_string(parser, place)
        guard unsafe text.count <= bytesMax else { return nil }
        let bytes = unsafe UnsafeBufferPointer(start: text.bytes, count: text.count)
        return String(validating: unsafe Span(_unsafeElements: bytes))
    }

    /// The bytes of the string that this is.
    package var stringBytesCount: Int { unsafe fast_json_string(parser, place).count }

    /// Hands the field so named of the object that this is to `body`: how many there are, and the
    /// value of the first; `nil` when there is none.
    package func withField<Result>(
        _ name: StaticString, _ body: (Int, JSONValue) throws(BidRequestError) -> Result
    ) throws(BidRequestError) -> Result? {
        var count = 0
        let found = name.withUTF8Buffer { name in
            unsafe name.withMemoryRebound(to: CChar.self) {
                unsafe fast_json_find(parser, place, $0.baseAddress, $0.count, &count)
            }
        }
        guard count > 0 else { return nil }
        return try body(count, unsafe JSONValue(parser, found))
    }

    /// Hands the elements of the array that this is to `body`, with their indices.
    package func forEachElement(
        _ body: (Int, JSONValue) throws(BidRequestError) -> Void
    ) throws(BidRequestError) {
        let end = unsafe fast_json_end(parser, place)
        var element = place + 1
        var index = 0
        while element != end {
            try body(index, unsafe JSONValue(parser, element))
            element = unsafe fast_json_next(parser, element)
            index += 1
        }
    }
}
