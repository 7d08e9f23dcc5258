import NIOCore
import NIOHTTPTypes

/// Notes when the head of each request of a connection comes, so that the time in which a request
/// waits for those before it, or for its event loop, is known.
final class RequestArrivals: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart

    private let service: any BidService
    /// Of the requests that no one has begun yet, first come first.
    private var arrivals = CircularBuffer<NIODeadline>()

    init(_ service: any BidService) { self.service = service }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head = unwrapInboundIn(data) {
            arrivals.append(service.arrival(on: context.eventLoop))
        }
        context.fireChannelRead(data)
    }

    /// When the request came that now begins on the channel. To be asked once for each.
    static func next(on channel: any Channel) -> NIODeadline {
        guard channel.eventLoop.inEventLoop,
            let handler = try? channel.pipeline.syncOperations.handler(type: RequestArrivals.self)
        else { return .now() }
        return handler.arrivals.popFirst() ?? .now()
    }
}
