import Domain
import Logging
import Wire

#if canImport(Glibc)
    import Glibc
#endif

/// How log lines are written to standard error.
package enum LogFormat: String, CaseIterable, Sendable {
    /// For people.
    case text
    /// One JSON object a line, for programs.
    case json

    package func handler(label: String) -> any LogHandler {
        switch self {
        case .text: StreamLogHandler.standardError(label: label)
        case .json: JSONLogHandler(label: label)
        }
    }
}

/// Writes each record as one JSON object on one line:
///
///     {"time":"2026-11-24T19:41:04.123Z","level":"notice","logger":"cairn","message":"loaded",
///      "metadata":{"sequence":"12"}}
private struct JSONLogHandler: LogHandler {
    let label: String
    var metadata = Logger.Metadata()
    var metadataProvider: Logger.MetadataProvider?
    var logLevel = Logger.Level.info

    init(label: String) { self.label = label }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let given = event.metadata { all.merge(given) { $1 } }
        var fields = [
            Reply.Field("time", .bulk(WallClock.now.description)),
            Reply.Field("level", .bulk(event.level.rawValue)),
            Reply.Field("logger", .bulk(label)),
            Reply.Field("message", .bulk("\(event.message)")),
        ]
        if let error = event.error { fields.append(Reply.Field("error", .bulk("\(error)"))) }
        if !all.isEmpty { fields.append(Reply.Field("metadata", Self.reply(.dictionary(all)))) }
        var line = JSONWriter.text(of: .map(fields)) + "\n"
        // At once, so that lines of several threads do not mix.
        line.withUTF8 { bytes in
            _ = unsafe write(STDERR_FILENO, bytes.baseAddress, bytes.count)
        }
    }

    private static func reply(_ value: Logger.MetadataValue) -> Reply {
        switch value {
        case .string(let text): .bulk(text)
        case .stringConvertible(let value): .bulk("\(value)")
        case .array(let values): .array(values.map(reply))
        case .dictionary(let values):
            .map(
                values.sorted { $0.key < $1.key }.map { Reply.Field($0.key, reply($0.value)) })
        @unknown default: .bulk("\(value)")
        }
    }
}
