import Foundation

/// Numbers for people: in the terminal, in the report and in settings.
package enum LoadNumber {
    /// `0.99`, `90`: a setting as it would be typed.
    static func plain(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    }

    /// `12,345`; below 100 with so many digits that three count.
    package static func grouped(_ value: Double) -> String {
        guard abs(value) >= 100 || value == value.rounded() else { return digits(value) }
        let digits = Array(String(Int64(value.rounded().magnitude)))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return value < 0 ? "-\(text)" : text
    }

    /// Microseconds as `87 µs`, `1.25 ms` or `3.4 s`, three digits.
    package static func time(microseconds: Double) -> String {
        switch microseconds {
        case ..<1_000: "\(digits(microseconds)) µs"
        case ..<1_000_000: "\(digits(microseconds / 1_000)) ms"
        default: "\(digits(microseconds / 1_000_000)) s"
        }
    }

    package static func percent(_ share: Double) -> String { "\(digits(share * 100)) %" }

    package static func bytes(_ count: Double) -> String {
        switch count {
        case ..<1_024: "\(digits(count)) B"
        case ..<1_048_576: "\(digits(count / 1_024)) KiB"
        default: "\(digits(count / 1_048_576)) MiB"
        }
    }

    /// Three digits that count, without zeros behind the point.
    static func digits(_ value: Double) -> String {
        let places = abs(value) >= 99.95 ? 0 : abs(value) >= 9.995 ? 1 : 2
        var text = String(format: "%.\(places)f", value)
        guard text.contains(".") else { return text }
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }
}
