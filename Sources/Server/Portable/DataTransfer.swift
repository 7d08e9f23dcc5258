import Domain
import Engine
import Foundation
import Journal
import Logging
import Policy
import Text

/// A whole data directory as JSON lines, and back: users can always leave with their data.
///
/// What is read back has the same state digest. A catalogue that is being loaded is left out.
package enum DataTransfer {
    /// What was moved.
    package struct Summary: Sendable {
        package fileprivate(set) var items = 0
        package fileprivate(set) var users = 0
        package fileprivate(set) var stateDigest = ""
    }

    // MARK: Export

    /// Hands the lines to `write`, each with its line feed.
    package static func export(
        _ path: String, write: (Data) throws -> Void
    ) throws(DataError) -> Summary {
        let text = try textModel()
        let (store, engine) = try open(path, text)
        return try closing(store) { () throws in
            guard store.journal.status.lastSequence > 0 else {
                throw DataError.unreadable(what: "the journal", reason: "it is empty")
            }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            func line(_ line: PortableLine) throws {
                try write(try encoder.encode(line) + Data([UInt8(ascii: "\n")]))
            }
            return try export(engine, textModel: text.digest, line)
        }
    }

    private static func export(
        _ engine: Engine, textModel: String, _ line: (PortableLine) throws -> Void
    ) throws -> Summary {
        var summary = Summary(stateDigest: engine.stateDigest())
        let setup = engine.setup
        try line(
            PortableLine(
                cairn: PortableLine.Head(
                    version: PortableLine.Head.version, tasteDimension: engine.tasteDimension,
                    textModel: textModel, stateDigest: summary.stateDigest,
                    kinds: setup.allKinds.map(\.text))))
        try line(PortableLine(policy: PortableLine.Policy(text: setup.policy.canonicalText)))
        for surface in setup.allSurfaces {
            try line(PortableLine(surface: PortableSurface(surface)))
        }
        let ranker = try engine.makeRanker()
        try engine.forEachItem(ranker: ranker) { item, isLive in
            summary.items += isLive ? 1 : 0
            try line(PortableLine(item: PortableItem(item, isLive: isLive)))
        }
        try engine.forEachUser(ranker: ranker) { user, export in
            summary.users += 1
            try line(PortableLine(user: PortableUser(user, export)))
        }
        return summary
    }

    // MARK: Import

    /// Reads the lines of `file` into a directory that is empty.
    package static func `import`(
        _ file: String, into path: String
    ) throws(DataError) -> Summary {
        guard let lines = LineReader(file) else {
            throw .unreadable(what: "'\(file)'", reason: "it cannot be opened")
        }
        let text = try textModel()
        var importer: DataImporter?
        while let line = lines.next() {
            let read = try decoded(line, number: lines.number)
            if let current = importer {
                try current.take(read, number: lines.number)
            } else {
                guard let head = read.cairn else {
                    throw .unreadable(
                        what: "line \(lines.number)", reason: "an export begins with 'cairn'")
                }
                importer = try DataImporter(head, text: text, into: path)
            }
        }
        guard let importer else { throw .unreadable(what: "'\(file)'", reason: "it is empty") }
        var summary = Summary(items: importer.itemsCount, users: importer.usersCount)
        summary.stateDigest = try importer.finish()
        return summary
    }

    private static func decoded(_ line: Data, number: Int) throws(DataError) -> PortableLine {
        do {
            return try JSONDecoder().decode(PortableLine.self, from: line)
        } catch {
            throw .unreadable(what: "line \(number)", reason: "\(error)")
        }
    }

    // MARK: Both

    static func textModel() throws(DataError) -> TextModel {
        do {
            try CairnServer.useInstructionSet()
            return try TextModel.embedded()
        } catch {
            throw .unreadable(what: "the text model", reason: "\(error)")
        }
    }

    static func engine(_ text: TextModel, tasteDimension: Int) throws(DataError) -> Engine {
        var options = EngineOptions(policyDigest: PolicyTable.announced.digest)
        options.tasteDimension = tasteDimension
        options.topics = text.topics.map { ($0.name, $0.row) }
        do {
            return try Engine(options)
        } catch {
            throw .unreadable(what: "the engine", reason: error.message)
        }
    }

    /// Opens the directory and reads it into an engine of the taste dimension that it says.
    private static func open(
        _ path: String, _ text: TextModel
    ) throws(DataError) -> (DataStore, Engine) {
        var dimension = Limits.tasteDimensionDefault
        let logger = Logger(label: "cairn") { _ in SwiftLogNoOpLogHandler() }
        while true {
            let store = try DataStore(path, mode: .off)
            let engine = try engine(text, tasteDimension: dimension)
            do throws(DataError) {
                _ = try store.recover(
                    into: engine, textDigest: text.digest, seed: nil, logger: logger)
                return (store, engine)
            } catch .mismatch("taste dimension", let data, _) where data != "\(dimension)" {
                try? store.journal.close()
                dimension = Int(data) ?? 0
            } catch {
                try? store.journal.close()
                throw error
            }
        }
    }

    private static func closing<Value>(
        _ store: DataStore, _ body: () throws -> Value
    ) throws(DataError) -> Value {
        defer { try? store.journal.close() }
        do {
            return try body()
        } catch let error as DataError {
            throw error
        } catch {
            throw .unreadable(what: "the export", reason: "\(error)")
        }
    }
}
