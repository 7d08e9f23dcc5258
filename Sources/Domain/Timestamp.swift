/// An instant in milliseconds since 1970-01-01T00:00:00Z, between 0 and the end of the year 9999.
public struct Timestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let milliseconds: Int64

    public static let zero = Timestamp(unchecked: 0)

    private init(unchecked milliseconds: Int64) { self.milliseconds = milliseconds }

    public init(milliseconds: Int64) throws(DomainError) {
        guard (0...Limits.timeMillisecondsMax).contains(milliseconds) else {
            throw .time(String(milliseconds))
        }
        self.milliseconds = milliseconds
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// ISO 8601 in UTC with milliseconds where there are any: `2025-12-16T00:00:00Z`.
    public var description: String {
        let (day, inDay) = milliseconds.quotientAndRemainder(dividingBy: 86_400_000)
        let date = CivilDate(daysSince1970: day)
        let second = inDay / 1_000
        let fraction = inDay % 1_000
        let clock = [second / 3_600, second / 60 % 60, second % 60]
            .map { padded($0, to: 2) }.joined(separator: ":")
        let tail = fraction == 0 ? "" : "." + padded(fraction, to: 3)
        return "\(padded(date.year, to: 4))-\(padded(date.month, to: 2))-"
            + "\(padded(date.day, to: 2))T\(clock)\(tail)Z"
    }
}

extension Timestamp {
    /// Reads ISO 8601 with `Z` (seconds and up to three decimals may be left out) or integer
    /// milliseconds since 1970.
    public init(_ text: String) throws(DomainError) {
        try self.init(bytes: text.utf8.span)
    }

    /// The same from bytes in place; allocates nothing unless it throws.
    public init(bytes: Span<UInt8>) throws(DomainError) {
        guard let milliseconds = Int64(decimal: bytes) ?? Self.millisecondsOfISO8601(bytes),
            (0...Limits.timeMillisecondsMax).contains(milliseconds)
        else { throw .time(bytes.excerpt) }
        self.milliseconds = milliseconds
    }

    /// `YYYY-MM-DDTHH:MM[:SS[.fff]]Z`; `nil` when the bytes are not that or name no real instant.
    private static func millisecondsOfISO8601(_ bytes: Span<UInt8>) -> Int64? {
        var reader = DigitReader()
        guard let year = reader.number(digits: 4, in: bytes), reader.take("-", in: bytes),
            let month = reader.number(digits: 2, in: bytes), reader.take("-", in: bytes),
            let day = reader.number(digits: 2, in: bytes), reader.take("T", or: "t", in: bytes),
            let hour = reader.number(digits: 2, in: bytes), reader.take(":", in: bytes),
            let minute = reader.number(digits: 2, in: bytes)
        else { return nil }
        var second: Int64 = 0
        var fraction: Int64 = 0
        if reader.take(":", in: bytes) {
            guard let value = reader.number(digits: 2, in: bytes) else { return nil }
            second = value
            if reader.take(".", in: bytes) {
                guard let value = reader.fractionMilliseconds(in: bytes) else { return nil }
                fraction = value
            }
        }
        guard reader.take("Z", or: "z", in: bytes), reader.position == bytes.count,
            let date = CivilDate(year: year, month: month, day: day),
            hour < 24, minute < 60, second < 60
        else { return nil }
        return ((date.daysSince1970 * 24 + hour) * 60 + minute) * 60_000 + second * 1_000 + fraction
    }
}

/// A day of the proleptic Gregorian calendar.
private struct CivilDate {
    let year: Int64
    let month: Int64
    let day: Int64

    init?(year: Int64, month: Int64, day: Int64) {
        guard (1970...9_999).contains(year), (1...12).contains(month) else { return nil }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let length: Int64 =
            switch month {
            case 2: isLeap ? 29 : 28
            case 4, 6, 9, 11: 30
            default: 31
            }
        guard (1...length).contains(day) else { return nil }
        (self.year, self.month, self.day) = (year, month, day)
    }

    /// Counts in eras of 400 years that begin in March, so that the leap day comes last.
    init(daysSince1970: Int64) {
        let shifted = daysSince1970 + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    var daysSince1970: Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear / 400
        let yearOfEra = shiftedYear % 400
        let shiftedMonth = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * shiftedMonth + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}

/// Where the reading of digits and marks has come to.
private struct DigitReader {
    private(set) var position = 0

    /// Passes the next byte when it is the mark `a`.
    mutating func take(_ a: Unicode.Scalar, in bytes: Span<UInt8>) -> Bool {
        take(a, or: a, in: bytes)
    }

    /// Passes the next byte when it is either mark.
    mutating func take(
        _ a: Unicode.Scalar, or b: Unicode.Scalar, in bytes: Span<UInt8>
    ) -> Bool {
        guard position < bytes.count,
            bytes[position] == UInt8(ascii: a) || bytes[position] == UInt8(ascii: b)
        else { return false }
        position += 1
        return true
    }

    mutating func number(digits: Int, in bytes: Span<UInt8>) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<digits {
            guard let digit = digit(in: bytes) else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// One to three decimals, as milliseconds.
    mutating func fractionMilliseconds(in bytes: Span<UInt8>) -> Int64? {
        guard let first = digit(in: bytes) else { return nil }
        guard let second = digit(in: bytes) else { return first * 100 }
        guard let third = digit(in: bytes) else { return first * 100 + second * 10 }
        return first * 100 + second * 10 + third
    }

    private mutating func digit(in bytes: Span<UInt8>) -> Int64? {
        guard position < bytes.count,
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position])
        else { return nil }
        defer { position += 1 }
        return Int64(bytes[position] - UInt8(ascii: "0"))
    }
}

private func padded(_ number: Int64, to width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
