import CoreMetrics
import Domain
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// The HTTP side of a server: its own port, the same commands.
///
/// None of Hummingbird's types is seen from outside.
package struct HTTPFront: Sendable {
    package let host: String
    /// 0 takes a free one.
    package let port: Int
    package let connectionsMax: Int
    let service: any CommandService & BidService
    let metrics: any MetricsFactory
    let logger: Logger

    /// - Parameter metrics: Makes the metrics that requests are counted by.
    package init(
        host: String, port: Int, connectionsMax: Int, service: any CommandService & BidService,
        metrics: any MetricsFactory, logger: Logger
    ) {
        self.host = host
        self.port = port
        self.connectionsMax = connectionsMax
        self.service = service
        self.metrics = metrics
        self.logger = logger
    }

    /// Serves until the graceful shutdown of the service that this runs in, then answers what has
    /// begun and returns. Throws when the address cannot be bound to.
    ///
    /// - Parameter whenBound: Called once, with the address.
    package func run(
        on group: any EventLoopGroup, whenBound: @escaping @Sendable (SocketAddress) -> Void
    ) async throws {
        var logger = logger
        // Its "info" is that it listens, which whoever is called says in the server's own words.
        logger.logLevel = max(logger.logLevel, .notice)
        let application = Application(
            responder: FrontResponder(service: service, meters: RouteMeters(metrics)),
            server: HTTPServerBuilder { responder in
                LoopChannel(
                    HTTP1Channel(responder: responder, configuration: channelConfiguration))
            },
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), serverName: nil, backlog: 1_024,
                availableConnectionsDelegate: MaximumAvailableConnections(
                    connectionsMax, logger: logger)),
            onServerRunning: { channel in
                if let address = channel.localAddress { whenBound(address) }
            },
            eventLoopGroupProvider: .shared(group), logger: logger)
        try await application.run()
    }

    private var channelConfiguration: HTTP1Channel.Configuration {
        HTTP1Channel.Configuration(
            additionalChannelHandlers: [RequestArrivals(service)],
            idleTimeout: .seconds(Limits.httpIdleSeconds),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: Limits.httpHeaderFieldBytesMax,
                maxHeaderListSize: Limits.httpHeadersBytesMax,
                maxHeaderFieldCount: Limits.httpHeadersMax))
    }
}
