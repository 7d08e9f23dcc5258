import Domain
import Wire

/// Commands about what is kept on disk.
extension CommandExecutor {
    func startSnapshot(_ writer: inout ReplyWriter) {
        guard let snapshots = shared.snapshots else {
            shared.counters.commandErrors.increment()
            return writer.error("ERR this server keeps nothing: start it with --data DIR")
        }
        writer.simple(snapshots.start() ? "STARTED" : "RUNNING")
    }

    func writeLastSave(_ writer: inout ReplyWriter) {
        let time = shared.snapshots?.report.finishedAt
        writer.integer((time?.milliseconds ?? 0) / 1_000)
    }
}
