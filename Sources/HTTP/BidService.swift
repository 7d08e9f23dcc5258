import NIOCore
import Wire

/// What the front asks for a bid: the server reads the request and answers it.
package protocol BidService: Sendable {
    /// When what is now read on the event loop has come, at the earliest.
    func arrival(on eventLoop: any EventLoop) -> NIODeadline

    /// Answers an OpenRTB bid request.
    ///
    /// - Parameters:
    ///   - body: The request, as it was before it was packed.
    ///   - arrivedAt: When its head came: what of its time has passed since then is gone.
    ///   - eventLoop: That of the connection.
    func bid(
        _ body: [UInt8], arrivedAt: NIODeadline, on eventLoop: any EventLoop
    ) async -> BidAnswer
}

package enum BidAnswer: Sendable {
    /// One JSON text: bids, or the number of a reason for none.
    case response([UInt8])
    case nothing
    /// The request cannot be read.
    case refused(JSONError)
    case tooLong(reason: String)
    /// The server loads its data or stops.
    case unavailable(reason: String)
}
