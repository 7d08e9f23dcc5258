import Dispatch
import Domain
import Engine
import Journal
import Logging
import Policy
import Text

/// How a server comes by its data, and how it gives them up.
extension CairnServer {
    /// Reads the data directory, if there is one, then serves what it says. Commands are answered
    /// with LOADING meanwhile. False when the server was told to stop before all was there.
    func load() async throws -> Bool {
        guard let store = shared.store else { return true }
        do {
            try await onThread { try recover(from: store) }
            return true
        } catch DataError.stopped {
            return false
        } catch let error as DataError {
            throw Failure.data(error, path: store.path)
        }
    }

    /// Refuses changes from here on, and returns when those that were answered are synced.
    func closeJournal() async throws {
        do {
            try await onThread {
                if shared.configuration.snapshotAtStop, !shared.isLoading {
                    shared.snapshots?.writeNow()
                }
                shared.snapshots?.wait()
                try shared.changes.close()
            }
        } catch let error as JournalError {
            throw Failure.data(.journal(error), path: shared.store?.path ?? "")
        }
        // A journal that was never recovered is not the log's yet.
        try? shared.store?.journal.close()
    }

    private func recover(from store: DataStore) throws {
        let start = WallClock.monotonicNanoseconds
        let seed =
            [
                Change.setPolicy(
                    shared.configuration.policy, digest: shared.configuration.policy.digest)
            ]
            + shared.configuration.surfaces.map(Change.setSurface)
        let recovery = try store.recover(
            into: shared.engine, textDigest: shared.text.digest, seed: seed, logger: shared.logger)
        shared.changes.use(store.journal, replayedBytes: store.progress.recordBytes)
        try applyGivenSetup()
        shared.endLoading()
        // A server that is killed again and again must not have more to replay each time.
        shared.snapshots?.tick()
        let seconds = Double((WallClock.monotonicNanoseconds - start) / 1_000_000) / 1_000
        shared.logger.notice(
            "loaded",
            metadata: [
                "data": "\(store.path)", "durability": "\(store.journal.status.mode.rawValue)",
                "snapshot": "\(recovery.snapshotSequence)", "sequence": "\(recovery.lastSequence)",
                "seconds": "\(seconds)",
            ])
    }

    /// A policy or surfaces that the operator gives explicitly hold, whatever was recovered: where
    /// they differ they are a change like any other.
    private func applyGivenSetup() throws {
        let configuration = shared.configuration
        let setup = shared.engine.setup
        if !configuration.policyPath.isEmpty, setup.policy != configuration.policy {
            let digest = configuration.policy.digest
            try shared.changes.set(configuration.policy, digest: digest).wait()
            shared.logger.notice("the policy was set", metadata: ["policy": "\(digest)"])
        }
        for change in configuration.givenSurfaces {
            if let old = setup.surface(named: change.name)?.surface, change.applied(to: old) == old
            {
                continue
            }
            do {
                try shared.changes.set(change).wait()
            } catch ChangeRefusal.engine(let error) {
                throw ConfigurationError("surfaces.\(change.name.text)", error.message)
            }
            shared.logger.notice("a surface was set", metadata: ["surface": "\(change.name.text)"])
        }
    }

    private func onThread<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result(catching: body)) }
        }
    }
}

extension ChangeAnswer {
    /// The value, when it is there. Blocks: not for event loops.
    @discardableResult
    func wait() throws(ChangeRefusal) -> Value {
        switch self {
        case .done(let value): return value
        case .refused(let refusal): throw refusal
        case .pending(let pending, _):
            let isAnswered = DispatchSemaphore(value: 0)
            let answer = Locked<PendingChange<Value>.Answer?>(nil)
            pending.whenAnswered { given in
                answer.withLock { $0 = given }
                isAnswered.signal()
            }
            isAnswered.wait()
            guard let given = answer.withLock({ $0 }) else {
                preconditionFailure("an answer was signalled")
            }
            return try given.get()
        }
    }
}
