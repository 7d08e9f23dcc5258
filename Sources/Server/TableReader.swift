import Domain
import TOMLKit

/// Reads a TOML table key by key, and refuses what no one asked for: a misspelt setting must not
/// pass for a default.
struct TableReader {
    let path: String
    private let table: TOMLTable
    private var unread: Set<String>

    init(_ table: TOMLTable, path: String) {
        self.table = table
        self.path = path
        unread = Set(table.keys)
    }

    /// Throws when a key has not been read.
    func finish() throws(ConfigurationError) {
        if let key = unread.min() {
            throw ConfigurationError(setting(key), "there is no such setting")
        }
    }

    mutating func table(
        _ key: String, _ body: (inout TableReader) throws(ConfigurationError) -> Void
    ) throws(ConfigurationError) {
        guard let value = take(key) else { return }
        guard let inner = value.table else { throw wrong(key, "a table") }
        var reader = TableReader(inner, path: setting(key))
        try body(&reader)
        try reader.finish()
    }

    mutating func eachTable(
        _ body: (String, inout TableReader) throws(ConfigurationError) -> Void
    ) throws(ConfigurationError) {
        for key in table.keys {
            try table(key) { (inner) throws(ConfigurationError) in try body(key, &inner) }
        }
    }

    mutating func string(
        _ key: String, _ body: (String) throws(DomainError) -> Void
    ) throws(ConfigurationError) {
        guard let value = take(key) else { return }
        guard let text = value.string else { throw wrong(key, "a string") }
        try passing(key) { () throws(DomainError) in try body(text) }
    }

    mutating func strings(
        _ key: String, _ body: ([String]) throws(DomainError) -> Void
    ) throws(ConfigurationError) {
        guard let value = take(key) else { return }
        guard let elements = value.array else { throw wrong(key, "an array of strings") }
        var texts: [String] = []
        for element in elements {
            guard let text = element.string else { throw wrong(key, "an array of strings") }
            texts.append(text)
        }
        try passing(key) { () throws(DomainError) in try body(texts) }
    }

    mutating func boolean(
        _ key: String, _ body: (Bool) throws(DomainError) -> Void
    ) throws(ConfigurationError) {
        guard let value = take(key) else { return }
        guard let flag = value.bool else { throw wrong(key, "true or false") }
        try passing(key) { () throws(DomainError) in try body(flag) }
    }

    mutating func integer(_ key: String, _ body: (Int) -> Void) throws(ConfigurationError) {
        guard let value = take(key) else { return }
        guard let number = value.int else { throw wrong(key, "a whole number") }
        body(number)
    }

    mutating func number(
        _ key: String, _ body: (Double) throws(DomainError) -> Void
    ) throws(ConfigurationError) {
        guard let value = take(key) else { return }
        guard let number = value.double ?? value.int.map(Double.init) else {
            throw wrong(key, "a number")
        }
        try passing(key) { () throws(DomainError) in try body(number) }
    }

    mutating func eachNumber(
        _ body: (String, Double) throws(DomainError) -> Void
    ) throws(ConfigurationError) {
        for key in table.keys {
            try number(key) { (value) throws(DomainError) in try body(key, value) }
        }
    }

    mutating func eachString(
        _ body: (String, String) throws(DomainError) -> Void
    ) throws(ConfigurationError) {
        for key in table.keys {
            try string(key) { (value) throws(DomainError) in try body(key, value) }
        }
    }

    private mutating func take(_ key: String) -> (any TOMLValueConvertible)? {
        unread.remove(key)
        return table[key]
    }

    private func setting(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    private func wrong(_ key: String, _ expected: String) -> ConfigurationError {
        ConfigurationError(setting(key), "expected \(expected)")
    }

    private func passing(
        _ key: String, _ body: () throws(DomainError) -> Void
    ) throws(ConfigurationError) {
        do throws(DomainError) {
            try body()
        } catch {
            throw ConfigurationError(setting(key), error.message)
        }
    }
}
