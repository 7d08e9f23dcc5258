import Domain
import Wire

/// A scan of a whole large catalogue, to be carried out by a worker: the command with a copy of its
/// bytes, so that the connection's buffer is free.
struct ScanJob: Sendable {
    let command: Command
    let version: RESPVersion
    private let bytes: [UInt8]
    private let ranges: [ByteRange]

    init(_ command: Command, _ arguments: CommandArguments, version: RESPVersion) {
        self.command = command
        self.version = version
        bytes = arguments.bytes.indices.map { arguments.bytes[$0] }
        ranges = arguments.ranges.indices.map { arguments.ranges[$0] }
    }

    var arguments: CommandArguments {
        @_lifetime(borrow self) get { CommandArguments(ranges: ranges.span, bytes: bytes.span) }
    }
}
