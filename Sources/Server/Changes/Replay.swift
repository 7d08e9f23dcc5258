import Engine
import Journal

/// Applies what a recovery hands out, piece by piece, to an engine that is as new.
final class Replay {
    private let engine: Engine
    private let textDigest: String
    /// What the first record, or a snapshot's head, has to say comes before anything else.
    private var hasBegun = false
    /// The snapshot, until its last piece has come.
    private var restoration: StateRestoration?

    init(_ engine: Engine, textDigest: String) {
        self.engine = engine
        self.textDigest = textDigest
    }

    func take(_ piece: Recovered) throws(DataError) {
        switch piece {
        case .snapshot(let bytes):
            try restoring { () throws(StateError) in
                if restoration == nil {
                    restoration = try engine.restoreState(textModel: textDigest)
                }
                try restoration?.add(bytes.span)
            }
        case .record(let sequence, let bytes):
            try finishSnapshot()
            switch try record(sequence, bytes) {
            case .genesis(let genesis): try take(genesis)
            case .change(let change):
                guard hasBegun else {
                    throw .unreadable(
                        what: "record \(sequence)", reason: "a journal begins with what it is of")
                }
                try apply(change, sequence)
            }
        }
    }

    func take(_ genesis: Genesis) throws(DataError) {
        try check("taste dimension", genesis.tasteDimension, engine.tasteDimension)
        try check("text model", genesis.textDigest, textDigest)
        for change in genesis.changes { try apply(change, 1) }
        hasBegun = true
    }

    /// Nothing more comes: whoever was loading a catalogue is gone.
    func finish() throws(DataError) {
        try finishSnapshot()
        if engine.isLoadingCatalogue { try apply(.abortCatalogue, 0) }
    }

    private func finishSnapshot() throws(DataError) {
        guard let restoration else { return }
        try restoring { () throws(StateError) in try restoration.finish() }
        self.restoration = nil
        hasBegun = true
    }

    private func restoring(_ body: () throws(StateError) -> Void) throws(DataError) {
        do throws(StateError) {
            try body()
        } catch {
            switch error {
            case .otherTasteDimension(let state, let server):
                try check("taste dimension", state, server)
            case .otherTextModel(let state, let server): try check("text model", state, server)
            default: break
            }
            throw .unreadable(what: "the snapshot", reason: error.message)
        }
    }

    private func record(
        _ sequence: UInt64, _ bytes: ArraySlice<UInt8>
    ) throws(DataError) -> ChangeRecord {
        do throws(ChangeBytesError) {
            return try ChangeRecord(bytes: bytes)
        } catch {
            throw .unreadable(what: "record \(sequence)", reason: error.message)
        }
    }

    private func apply(_ change: Change, _ sequence: UInt64) throws(DataError) {
        do throws(EngineError) {
            try engine.apply(change)
        } catch .full {
            // It was refused when it came, for the same reason, after it had been written.
        } catch {
            throw .unreadable(what: "record \(sequence)", reason: error.message)
        }
    }

    private func check<Value: Equatable>(
        _ setting: String, _ data: Value, _ server: Value
    ) throws(DataError) {
        guard data == server else {
            throw .mismatch(setting: setting, data: "\(data)", server: "\(server)")
        }
    }
}
