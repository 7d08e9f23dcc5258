import Foundation

/// The lines of a file, without the file in memory.
final class LineReader {
    private static let pieceBytes = 1 << 20

    private let file: FileHandle
    private var bytes = Data()
    private var isAtEnd = false
    /// Of the line that came last, from 1.
    private(set) var number = 0

    /// `nil` when the file cannot be opened; "-" is standard input.
    init?(_ path: String) {
        guard path != "-" else {
            file = .standardInput
            return
        }
        guard let file = FileHandle(forReadingAtPath: path) else { return nil }
        self.file = file
    }

    /// The next line that is not empty; `nil` at the end.
    func next() -> Data? {
        while true {
            if let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
                let line = bytes[..<end]
                bytes = bytes[(end + 1)...]
                number += 1
                if !line.isEmpty { return Data(line) }
            } else if isAtEnd {
                guard !bytes.isEmpty else { return nil }
                number += 1
                defer { bytes = Data() }
                return bytes
            } else {
                let more = (try? file.read(upToCount: Self.pieceBytes)) ?? nil
                isAtEnd = more?.isEmpty ?? true
                bytes = Data(bytes) + (more ?? Data())
            }
        }
    }
}
