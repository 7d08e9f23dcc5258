import Domain
import Engine
import Journal
import Policy
import Telemetry
import Wire

/// What `/metrics` says. docs/operations.md tells an operator what each family means and what to
/// watch; a test holds that it names them all.
struct MetricsReport {
    private let shared: ServerShared
    private let state: Engine.State
    private let isReady: Bool
    private var exposition = Exposition()

    /// Reads all counters as they are; takes the writer's lock and each shard's for a moment.
    init(_ shared: ServerShared, isReady: Bool) {
        self.shared = shared
        self.isReady = isReady
        state = shared.engine.state
        writeServer()
        writeRequests()
        writeConnections()
        writePolicy()
        writeHeld()
        writeMemory()
        writeJournal()
        shared.metrics.write(to: &exposition, help: Self.helpOfFront)
    }

    var text: String { exposition.text }

    private mutating func writeServer() {
        exposition.information(
            "cairn_build_info", "The version that runs.", [("version", CairnVersion.current)])
        exposition.information(
            "cairn_isa_info", "The instruction set that the core uses.",
            [("isa", InstructionSet.current)])
        exposition.gauge(
            "cairn_start_time_seconds", "When the server started, in seconds since 1970.",
            Double(shared.startedAt.milliseconds) / 1_000)
        exposition.gauge("cairn_ready", "Whether requests are to be sent here.", isReady)
        exposition.gauge(
            "cairn_loading", "Whether the data are still being read.", shared.isLoading)
        exposition.gauge(
            "cairn_sensitive_gate_loaded",
            "Whether the sensitive gate is there; without it no chat is used.", shared.gate != nil)
        exposition.family(
            "cairn_event_loop_lag_seconds", .histogram,
            "How late event loops come to what was due: what every command waits.")
        for (number, tally) in shared.tallies.loops.enumerated() {
            exposition.durations(
                "cairn_event_loop_lag_seconds", [("loop", "\(number)")], tally.lag)
        }
    }

    private mutating func writeRequests() {
        let sum = RequestTally.Sum(shared.tallies.all)
        exposition.family(
            "cairn_requests_total", .counter,
            "Commands by verb and outcome, of RESP and HTTP together.")
        for verb in sum.verbs {
            for (outcome, count) in zip(ReplyOutcome.allCases, verb.outcomes) {
                exposition.sample(
                    "cairn_requests_total",
                    [("verb", verb.name), ("outcome", outcome.rawValue)], count)
            }
        }
        exposition.family(
            "cairn_request_duration_seconds", .histogram,
            "From when a command is read until its reply is written.")
        for verb in sum.verbs {
            exposition.durations(
                "cairn_request_duration_seconds", [("verb", verb.name)], verb.durations)
        }
        exposition.family(
            "cairn_stage_duration_seconds", .histogram,
            "Stages of one command in \(Limits.tracedCommandsEvery) on event loops, of all on workers."
        )
        for (stage, sample) in zip(Stage.allCases, sum.stages) {
            exposition.durations("cairn_stage_duration_seconds", [("stage", stage.word)], sample)
        }
        exposition.counter(
            "cairn_slow_requests_total", "Commands that the slow log counts as slow.",
            shared.slowLog.count.value)
        exposition.counter(
            "cairn_scans_offloaded_total", "Rankings that a worker had to do.",
            shared.counters.scansOffloaded.value)
    }

    private mutating func writeConnections() {
        let counters = shared.counters
        exposition.gauge(
            "cairn_connections_open", "RESP connections that are open.",
            counters.connectionsOpen.value)
        exposition.gauge(
            "cairn_connections_limit", "RESP connections that may be open at once.",
            shared.configuration.connectionsMax)
        exposition.counter(
            "cairn_connections_accepted_total", "RESP connections that were accepted.",
            counters.connectionsAccepted.value)
        exposition.counter(
            "cairn_connections_refused_total", "RESP connections beyond the limit.",
            counters.connectionsRefused.value)
        exposition.family(
            "cairn_clients_disconnected_total", .counter, "Clients that were cut off, by reason.")
        for (reason, counter) in [
            ("left_replies_unread", counters.slowReaders.value),
            ("left_command_unfinished", counters.slowWriters.value),
            ("protocol_error", counters.protocolErrors.value),
        ] {
            exposition.sample("cairn_clients_disconnected_total", [("reason", reason)], counter)
        }
    }

    /// Of the whole server: gates name no user.
    private mutating func writePolicy() {
        exposition.information(
            "cairn_policy_info", "The policy in use, by its digest.",
            [("digest", shared.engine.setup.policyDigest)])
        exposition.counter(
            "cairn_signals_used_total", "Signals that were kept.", state.signalsUsed)
        exposition.family(
            "cairn_signals_ignored_total", .counter,
            "Signals that a gate of the policy kept out when they came.")
        for (gate, count) in state.gates {
            exposition.sample("cairn_signals_ignored_total", [("gate", gate.rawValue)], count)
        }
        exposition.family(
            "cairn_requests_masked_total", .counter,
            "Requests that a gate of the policy kept something out of.")
        for gate in GateCounters.gates {
            exposition.sample(
                "cairn_requests_masked_total", [("gate", gate.rawValue)],
                shared.counters.masked.count(of: gate))
        }
    }

    private mutating func writeHeld() {
        exposition.gauge("cairn_items", "Live items.", state.items)
        exposition.gauge(
            "cairn_identifiers", "Identifiers of items that are known, live or not.", state.slots)
        exposition.gauge(
            "cairn_rows", "Rows of the catalogue, one a version of an item.", state.rows)
        exposition.gauge(
            "cairn_rows_waiting", "Rows that wait until no reader can see them.", state.retired)
        exposition.gauge("cairn_users", "Users about whom something is held.", state.users)
        exposition.gauge(
            "cairn_change_sequence", "The number of the engine's last change.", state.sequence)
    }

    private mutating func writeMemory() {
        let arenas: [(String, Memory)] = [
            ("process", .process), ("catalogue", state.catalogueMemory),
            ("staging", state.stagingMemory), ("directory", state.directoryMemory),
            ("users", state.usersMemory),
        ]
        let sorts: [(String, String, KeyPath<Memory, UInt64>)] = [
            ("allocated", "Bytes that are in use, by arena; process is all.", \.allocated),
            ("active", "Bytes of pages with something in use, by arena.", \.active),
            ("resident", "Bytes that the allocator holds in memory, by arena.", \.resident),
        ]
        for (sort, help, value) in sorts {
            let name = "cairn_memory_\(sort)_bytes"
            exposition.family(name, .gauge, help)
            for (arena, memory) in arenas {
                exposition.sample(name, [("arena", arena)], memory[keyPath: value])
            }
        }
        let usage = ProcessUsage.now
        exposition.family(
            "process_cpu_seconds_total", .counter, "Processor time of the process.")
        exposition.sample("process_cpu_seconds_total", [], usage.processorSeconds)
        exposition.gauge(
            "process_resident_memory_max_bytes", "The most memory that the process has had.",
            usage.residentBytesMax)
    }

    /// Families of the journal are there only where something is kept.
    private mutating func writeJournal() {
        guard let store = shared.store else { return }
        let status = store.journal.status
        exposition.information(
            "cairn_journal_info", "When a change is answered.",
            [("durability", status.mode.rawValue)])
        exposition.gauge(
            "cairn_journal_last_sequence", "The number of the newest change.",
            status.lastSequence)
        exposition.gauge(
            "cairn_journal_synced_sequence", "The newest change that outlives a loss of power.",
            status.syncedSequence)
        exposition.gauge(
            "cairn_journal_lag_records", "Changes that a loss of power would take now.",
            status.lagRecords)
        exposition.gauge(
            "cairn_journal_waiting_bytes", "Bytes that wait for the disk.", status.waitingBytes)
        exposition.gauge(
            "cairn_journal_failing", "Whether changes are refused because the disk fails.",
            status.failure != nil)
        exposition.gauge(
            "cairn_journal_warning", "Whether the background failed to seal or remove segments.",
            status.warning != nil)
        exposition.gauge(
            "cairn_snapshot_sequence", "What the newest snapshot covers.", status.snapshotSequence)
        exposition.gauge(
            "cairn_loaded_sequence", "How far the journal was read at start.",
            store.progress.sequence)
        guard let report = shared.snapshots?.report else { return }
        exposition.gauge(
            "cairn_snapshot_running", "Whether a snapshot is being written.", report.isRunning)
        exposition.gauge(
            "cairn_snapshot_failing", "Whether the last snapshot failed.", report.failure != nil)
        exposition.gauge(
            "cairn_snapshot_last_timestamp_seconds",
            "When the newest snapshot was finished, in seconds since 1970; 0 is never.",
            Double(report.finishedAt?.milliseconds ?? 0) / 1_000)
        if let milliseconds = report.tookMilliseconds {
            exposition.gauge(
                "cairn_snapshot_last_duration_seconds", "How long it took.",
                Double(milliseconds) / 1_000)
        }
    }

    /// Of what the HTTP front counts through swift-metrics.
    private static let helpOfFront = [
        "cairn_http_requests_total": "HTTP requests by route, method and class of status.",
        "cairn_http_request_duration_seconds":
            "From when an HTTP request's head is read until its response's head is made.",
    ]
}
