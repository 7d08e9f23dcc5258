import Domain
import Testing

@Suite("Values read from bytes in place")
struct ByteReadingTests {
    @Test(
        "times are ISO 8601 with Z or milliseconds",
        arguments: [
            ("0", 0), ("1765843200000", 1_765_843_200_000), ("1970-01-01T00:00Z", 0),
            ("2025-12-16T00:00:00Z", 1_765_843_200_000),
            ("2025-12-16t00:00:00z", 1_765_843_200_000),
            ("2024-02-29T23:59:59.9Z", 1_709_251_199_900), ("1970-01-01T00:00:00.007Z", 7),
            ("1970-01-01T00:00:01.25Z", 1_250), ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
        ] as [(String, Int64)])
    func goodTimes(_ text: String, _ milliseconds: Int64) throws {
        #expect(try Timestamp(text).milliseconds == milliseconds)
        #expect(try Timestamp(bytes: text.utf8.span).milliseconds == milliseconds)
    }

    @Test(
        "other times are refused",
        arguments: [
            "", "-1", "+1", "01", "1.5", "253402300800000", "99999999999999999999", "now",
            "2025-12-16", "2025-12-16T00:00:00", "2025-12-16T00:00:00+00:00",
            "2025-12-16T24:00:00Z",
            "2025-12-16T00:60:00Z", "2025-12-16T00:00:60Z", "2025-13-01T00:00:00Z",
            "2025-00-01T00:00:00Z", "2025-04-31T00:00:00Z", "2025-02-29T00:00:00Z",
            "2100-02-29T00:00:00Z", "1969-12-31T23:59:59Z", "10000-01-01T00:00:00Z",
            "2025-12-16T00:00:00.Z", "2025-12-16T00:00:00.1234Z", "2025-12-16T00:00:00ZZ",
            "2025-12-16T00:00:00Z ",
        ])
    func badTimes(_ text: String) {
        #expect(throws: DomainError.time(text)) { try Timestamp(text) }
    }

    @Test("a time reads back from what it prints")
    func timesRoundTrip() throws {
        for milliseconds in stride(from: 0, to: Limits.timeMillisecondsMax, by: 98_765_432_101) {
            let time = try Timestamp(milliseconds: milliseconds)
            #expect(try Timestamp(time.description) == time)
        }
    }

    @Test(
        "integers are strict decimals",
        arguments: [
            ("0", 0), ("-1", -1), ("9223372036854775807", .max), ("-9223372036854775808", .min),
            ("", nil), ("-", nil), ("-0", nil), ("00", nil), ("+1", nil), (" 1", nil), ("1 ", nil),
            ("9223372036854775808", nil), ("-9223372036854775809", nil), ("1e3", nil), ("0x1", nil),
        ] as [(String, Int64?)])
    func integers(_ text: String, _ value: Int64?) {
        #expect(Int64(decimal: text.utf8.span) == value)
    }

    @Test("regions and languages are two letters in either case")
    func regions() throws {
        #expect(try Region(bytes: "uk".utf8.span) == Region("GB"))
        #expect(try Region(bytes: "UNKNOWN".utf8.span) == .unknown)
        #expect(try Language(bytes: "en-GB".utf8.span) == Language("EN"))
        for text in ["", "u", "usa", "u1", "ü", "u[", "@a"] {
            #expect(throws: DomainError.region(text)) { try Region(text) }
        }
        for text in ["", "e", "eng", "-e", "e-"] {
            #expect(throws: DomainError.language(text)) { try Language(text) }
        }
    }

    @Test("identifiers are UTF-8 without spaces and of a bounded length")
    func identifiers() throws {
        #expect(try ItemID(bytes: "größe/1".utf8.span).text == "größe/1")
        let longest = String(repeating: "a", count: Limits.identifierBytesMax)
        #expect(try ItemID(bytes: longest.utf8.span).text == longest)
        #expect(throws: DomainError.identifierLength(0)) { try ItemID("") }
        #expect(throws: DomainError.identifierLength(129)) { try ItemID(longest + "a") }
        for bytes: [UInt8] in [[0x20], [0x61, 0x0A], [0x7F], [0xC0, 0x80], [0xE4]] {
            #expect(throws: DomainError.identifierBytes) { try ItemID(bytes: bytes.span) }
            #expect(throws: DomainError.identifierBytes) { try ItemID.check(bytes: bytes.span) }
        }
    }

    @Test("vectors are read as little-endian floats")
    func vectors() throws {
        let bytes: [UInt8] = [0, 0, 0x80, 0x3F, 0, 0, 0, 0xBF]
        #expect(
            try SpaceVector(space: .taste, littleEndian: bytes.span)
                == SpaceVector(space: .taste, values: [1, -0.5]))
    }
}
