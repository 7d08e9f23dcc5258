import Domain
import Wire

/// Work that would hold an event loop up, to be carried out by a worker: the command with a copy of
/// its bytes, so that the connection's buffer is free.
struct WorkerJob: Sendable {
    let command: Command
    let form: ReplyForm
    let isLoadingCatalogue: Bool
    let arrived: Int64?
    /// When it was handed over, on the monotonic clock in nanoseconds.
    let cameAt = WallClock.monotonicNanoseconds
    private let bytes: [UInt8]
    private let ranges: [ByteRange]

    init(
        _ command: Command, _ arguments: CommandArguments, session: Session, form: ReplyForm
    ) {
        self.command = command
        self.form = form
        isLoadingCatalogue = session.isLoadingCatalogue
        arrived = session.arrived ?? command.budget.map { _ in WallClock.monotonicNanoseconds }
        bytes = arguments.bytes.indices.map { arguments.bytes[$0] }
        ranges = arguments.ranges.indices.map { arguments.ranges[$0] }
    }

    var arguments: CommandArguments {
        @_lifetime(borrow self) get { CommandArguments(ranges: ranges.span, bytes: bytes.span) }
    }
}
