import Domain
import Wire

/// A ranking of a whole large catalogue, to be carried out by a worker: the command with a copy of
/// its bytes, so that the connection's buffer is free.
struct ScanJob: Sendable {
    let command: RankCommand
    let bytes: [UInt8]
    let ranges: [ByteRange]
    let version: RESPVersion

    init(_ command: RankCommand, _ arguments: CommandArguments, version: RESPVersion) {
        self.command = command
        bytes = arguments.bytes.indices.map { arguments.bytes[$0] }
        ranges = arguments.ranges.indices.map { arguments.ranges[$0] }
        self.version = version
    }
}
