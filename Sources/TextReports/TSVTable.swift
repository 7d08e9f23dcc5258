import Foundation

/// A table of tab-separated values whose first line names its columns.
package struct TSVTable {
    private let columns: [String]
    private let rows: [[Substring]]

    package enum Failure: Error, Equatable {
        case unreadable(path: String)
        case empty(path: String)
        case fields(line: Int, found: Int, expected: Int)
        case column(name: String, columns: [String])

        package var message: String {
            switch self {
            case .unreadable(let path): "cannot read '\(path)' as UTF-8 text"
            case .empty(let path): "'\(path)' has no line that names its columns"
            case .fields(let line, let found, let expected):
                "line \(line): \(found) fields, the first line names \(expected)"
            case .column(let name, let columns):
                "no column '\(name)'; there are: \(columns.joined(separator: ", "))"
            }
        }
    }

    package init(path: String) throws(Failure) {
        guard let data = FileManager.default.contents(atPath: path),
            let text = String(data: data, encoding: .utf8)
        else { throw .unreadable(path: path) }
        try self.init(text, path: path)
    }

    /// A carriage return before a line's end, and empty lines, are passed over.
    init(_ text: String, path: String) throws(Failure) {
        var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)[...]
        guard let head = lines.popFirst(), !head.isEmpty else { throw .empty(path: path) }
        columns = head.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        var rows: [[Substring]] = []
        for (index, line) in lines.enumerated() where !line.isEmpty {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard fields.count == columns.count else {
                throw .fields(line: index + 2, found: fields.count, expected: columns.count)
            }
            rows.append(fields)
        }
        self.rows = rows
    }

    package subscript(column name: String) -> [String] {
        get throws(Failure) {
            guard let index = columns.firstIndex(of: name) else {
                throw .column(name: name, columns: columns)
            }
            return rows.map { String($0[index]) }
        }
    }
}
