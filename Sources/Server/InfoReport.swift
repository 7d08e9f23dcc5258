import Domain
import Engine
import Journal
import Policy
import Text

#if canImport(Glibc)
    import Glibc
#endif

/// What `INFO` says: sections of `name:value` lines, as redis clients expect them.
struct InfoReport {
    private let shared: ServerShared
    private let state: Engine.State

    private enum Section: String, CaseIterable {
        case server, clients, memory, persistence, stats, catalogue, users, policy, text
        /// Looks at everything that is held, so it comes only when it is named.
        case state
    }

    init(_ shared: ServerShared) {
        self.shared = shared
        state = shared.engine.state
    }

    /// The sections named, in their own order; all when none is named, or for `all`, `everything`
    /// and `default`, but for `state`. Unknown names give nothing, as in redis.
    func text(of names: [String]) -> String {
        let everything: Set<String> = ["all", "everything", "default"]
        let isAll = names.isEmpty || names.contains(where: everything.contains)
        return Section.allCases
            .filter { (isAll && $0 != .state) || names.contains($0.rawValue) }
            .map { section in
                let lines = lines(of: section).map { "\($0.0):\($0.1)\r\n" }
                let title = section.rawValue.prefix(1).uppercased() + section.rawValue.dropFirst()
                return "# \(title)\r\n" + lines.joined()
            }
            .joined(separator: "\r\n")
    }

    /// Whether one of the sections takes seconds where there are millions of users.
    static func isLong(_ names: [String]) -> Bool { names.contains(Section.state.rawValue) }

    private func lines(of section: Section) -> [(String, String)] {
        switch section {
        case .server: server
        case .clients: clients
        case .memory: memory
        case .persistence: persistence
        case .stats: stats
        case .catalogue: catalogue
        case .users: users
        case .policy: policy
        case .text: text
        case .state: summary
        }
    }

    private var server: [(String, String)] {
        let uptime = shared.now.milliseconds - shared.startedAt.milliseconds
        return [
            ("cairn_version", CairnVersion.current),
            ("process_id", "\(getpid())"),
            ("tcp_port", "\(shared.boundPort.value)"),
            ("http_port", "\(shared.boundHTTPPort.value)"),
            ("uptime_in_seconds", "\(uptime / 1_000)"),
            ("isa", InstructionSet.current),
            ("isa_supported", InstructionSet.supported.joined(separator: ",")),
            ("taste_dimension", "\(shared.engine.tasteDimension)"),
        ]
    }

    private var clients: [(String, String)] {
        let counters = shared.counters
        return [
            ("connected_clients", "\(counters.connectionsOpen.value)"),
            ("maxclients", "\(shared.configuration.connectionsMax)"),
            ("rejected_connections", "\(counters.connectionsRefused.value)"),
            ("slow_readers_disconnected", "\(counters.slowReaders.value)"),
            ("slow_writers_disconnected", "\(counters.slowWriters.value)"),
        ]
    }

    private var memory: [(String, String)] {
        let arenas: [(String, Memory)] = [
            ("process", .process),
            ("catalogue", state.catalogueMemory),
            ("staging", state.stagingMemory),
            ("directory", state.directoryMemory),
            ("users", state.usersMemory),
        ]
        return arenas.flatMap { name, memory in
            [
                ("\(name)_allocated_bytes", "\(memory.allocated)"),
                ("\(name)_active_bytes", "\(memory.active)"),
                ("\(name)_resident_bytes", "\(memory.resident)"),
            ]
        }
    }

    /// Sequences are of the journal: records up to `synced_sequence` outlive a loss of power.
    private var persistence: [(String, String)] {
        guard let store = shared.store else { return [("loading", "0"), ("durability", "none")] }
        let status = store.journal.status
        var lines = [
            ("loading", shared.isLoading ? "1" : "0"),
            ("durability", status.mode.rawValue),
            ("data_directory", store.path),
        ]
        if shared.isLoading {
            let progress = store.progress
            lines += [
                ("loading_sequence", "\(progress.sequence)"),
                ("loading_known_sequence", "\(progress.known)"),
                ("loading_snapshot_bytes", "\(progress.snapshotBytes)"),
            ]
        }
        return lines + [
            ("last_sequence", "\(status.lastSequence)"),
            ("written_sequence", "\(status.writtenSequence)"),
            ("synced_sequence", "\(status.syncedSequence)"),
            ("lag_records", "\(status.lagRecords)"),
            ("waiting_bytes", "\(status.waitingBytes)"),
            ("snapshot_sequence", "\(status.snapshotSequence)"),
        ] + snapshots + [
            ("failure", status.failure ?? "none"),
            ("warning", status.warning ?? "none"),
        ]
    }

    private var snapshots: [(String, String)] {
        guard let report = shared.snapshots?.report else { return [] }
        return [
            ("snapshot_in_progress", report.isRunning ? "1" : "0"),
            ("snapshot_last_time", report.finishedAt?.description ?? "never"),
            ("snapshot_last_milliseconds", report.tookMilliseconds.map { "\($0)" } ?? "unknown"),
            ("snapshot_last_failure", report.failure ?? "none"),
        ]
    }

    private var stats: [(String, String)] {
        let counters = shared.counters
        return [
            ("total_connections_received", "\(counters.connectionsAccepted.value)"),
            ("total_commands_processed", "\(counters.commands.value)"),
            ("total_error_replies", "\(counters.commandErrors.value)"),
            ("protocol_errors", "\(counters.protocolErrors.value)"),
            ("scans_offloaded", "\(counters.scansOffloaded.value)"),
            ("requests_shed", "\(counters.requestsShed.value)"),
            ("replies_partial", "\(counters.repliesPartial.value)"),
            ("bid_requests", "\(counters.bidRequests.value)"),
            ("signals_used", "\(state.signalsUsed)"),
        ]
    }

    private var catalogue: [(String, String)] {
        [
            ("change_sequence", "\(state.sequence)"),
            ("items", "\(state.items)"),
            ("identifiers", "\(state.slots)"),
            ("rows", "\(state.rows)"),
            ("waiting_to_be_reclaimed", "\(state.retired)"),
        ]
    }

    private var users: [(String, String)] { [("users", "\(state.users)")] }

    /// Gates are counted for the whole server: they name no user. `ignored_` are signals that came,
    /// `masked_` requests out of which a gate kept what is held, or a context's text.
    private var policy: [(String, String)] {
        [("policy_digest", shared.engine.setup.policyDigest)]
            + state.gates.map { ("ignored_\($0.gate.rawValue)", "\($0.count)") }
            + GateCounters.gates.map {
                ("masked_\($0.rawValue)", "\(shared.counters.masked.count(of: $0))")
            }
    }

    private var summary: [(String, String)] {
        let summary = shared.engine.stateSummary()
        return [
            ("state_digest", summary.digest),
            ("state_items", "\(summary.items)"),
            ("state_held_items", "\(summary.heldItems)"),
            ("state_staged_items", "\(summary.stagedItems)"),
            ("state_users", "\(summary.users)"),
            ("state_signals", "\(summary.signals)"),
            ("state_impressions", "\(summary.impressions)"),
        ]
    }

    private var text: [(String, String)] {
        [
            ("text_model_digest", shared.text.digest),
            ("gate", shared.gate == nil ? "missing, no chat is used" : "loaded"),
            ("gate_digest", shared.gate?.digest ?? "none"),
            ("topics", "\(shared.engine.topics.names.count)"),
        ]
    }
}
