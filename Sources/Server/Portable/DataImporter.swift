import Domain
import Engine
import Foundation
import Journal
import Logging
import Policy
import Text

/// An import under way: lines become changes, each applied to an engine and journalled.
///
/// The setup comes first in an export and is gathered: it is the first record.
final class DataImporter {
    private let head: PortableLine.Head
    private let store: DataStore
    private let engine: Engine
    private let textDigest: String
    private var setup: [Change] = []
    private var surfaces: [Surface] = []
    private var hasBegun = false
    /// Items that are to be deleted once the users who name them are there.
    private var gone: [ItemID] = []
    private(set) var itemsCount = 0
    private(set) var usersCount = 0

    init(_ head: PortableLine.Head, text: TextModel, into path: String) throws(DataError) {
        guard head.version == PortableLine.Head.version else {
            throw .unreadable(
                what: "line 1", reason: "version \(head.version) of exports is not known")
        }
        guard head.textModel == text.digest else {
            throw .mismatch(setting: "text model", data: head.textModel, server: text.digest)
        }
        self.head = head
        textDigest = text.digest
        engine = try DataTransfer.engine(text, tasteDimension: head.tasteDimension)
        store = try DataStore(path, mode: .off)
        guard store.journal.knownSequence == 0 else {
            try? store.journal.close()
            throw .unreadable(what: "'\(path)'", reason: "it is not empty")
        }
    }

    func take(_ line: PortableLine, number: Int) throws(DataError) {
        do {
            if let policy = line.policy {
                let table = try PolicyTable.read(toml: policy.text)
                setup.append(.setPolicy(table, digest: table.digest))
            }
            if let surface = line.surface { surfaces.append(try surface.surface()) }
            guard line.item != nil || line.user != nil else { return }
            try begin()
            if let item = line.item {
                let change = try item.change()
                try keep(change)
                if item.isGone == true { gone.append(try ItemID(item.id)) } else { itemsCount += 1 }
            }
            if let user = line.user {
                for change in try user.changes(topics: engine.topics) { try keep(change) }
                usersCount += 1
            }
        } catch let error as DomainError {
            throw .unreadable(what: "line \(number)", reason: error.message)
        } catch let error as EngineError {
            throw .unreadable(what: "line \(number)", reason: error.message)
        } catch let error as ConfigurationError {
            throw .unreadable(what: "line \(number)", reason: error.message)
        } catch let error as DataError {
            throw error
        } catch {
            throw .unreadable(what: "line \(number)", reason: "\(error)")
        }
    }

    /// Returns the digest of what is there now.
    func finish() throws(DataError) -> String {
        do {
            try begin()
            for id in gone { try keep(.removeItems([id], isStaged: false)) }
            try store.journal.flush()
            let digest = engine.stateDigest()
            try store.journal.close()
            return digest
        } catch let error as JournalError {
            throw .journal(error)
        } catch let error as DataError {
            throw error
        } catch {
            throw .unreadable(what: "the import", reason: "\(error)")
        }
    }

    /// The setup is whole: the directory begins with it.
    private func begin() throws(DataError) {
        guard !hasBegun else { return }
        hasBegun = true
        _ = try store.recover(
            into: engine, textDigest: textDigest, seed: setup + (try setupOfSurfaces()),
            logger: Logger(label: "cairn") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Kinds that no surface ranks any more stay known, for items of theirs are held: the first
    /// surface ranks them for a moment.
    private func setupOfSurfaces() throws(DataError) -> [Change] {
        guard var first = surfaces.first else { return [] }
        do throws(DomainError) {
            first.kinds = []
            for kind in head.kinds { first.kinds.append(try Kind(kind)) }
        } catch {
            throw .unreadable(what: "line 1", reason: error.message)
        }
        return [.setSurface(first)] + surfaces.map(Change.setSurface)
    }

    private func keep(_ change: Change) throws {
        try engine.apply(change)
        let bytes = change.bytes
        while true {
            do throws(JournalError) {
                _ = try store.journal.append(bytes.span) { _ in }
                return
            } catch .queueFull {
                store.journal.waitForRoom()
            }
        }
    }
}
