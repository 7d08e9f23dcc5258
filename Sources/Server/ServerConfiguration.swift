import Domain
import Journal
import NIOCore
import OpenRTB
import Policy

/// Everything that an operator can set, with the shipped values.
package struct ServerConfiguration: Sendable {
    package var bind = "127.0.0.1"
    /// 0 takes a free port.
    package var port = 6480
    package var httpBind = "127.0.0.1"
    /// 0 takes a free port; `nil` is no HTTP.
    package var httpPort: Int?
    /// 0 is one for each core.
    package var eventLoops = 0
    package var connectionsMax = Limits.connectionsMax
    package var partialCommandSeconds = 30
    package var outputBytesMax = Limits.outputBytesMax
    /// Empty asks for none.
    package var password = ""
    /// From so many on a command goes to the slow log; none does when it is negative.
    package var slowRequestMicroseconds = Limits.slowRequestMicrosecondsDefault
    /// The sensitive gate's file; empty for the one that comes with the program.
    package var gatePath = ""
    /// The file of the policy; empty for the shipped one. Whoever reads it calls `usePolicy(toml:)`.
    package var policyPath = ""
    package private(set) var policy = PolicyTable.announced
    package var tasteDimension = Limits.tasteDimensionDefault
    package var surfaces: [Surface] = []
    /// What a file of the operator's own says of surfaces; the shipped one is not among them.
    package var givenSurfaces: [SurfaceChange] = []
    package var bidding = BidSettings()
    /// The surface that bid requests are ranked on, by its name.
    package var biddingSurface = "ads"
    /// The data directory; empty keeps nothing, and a restart begins anew.
    package var dataPath = ""
    package private(set) var durability = Durability.everysec
    /// A snapshot is written when so much time has passed, or so many bytes have been journalled,
    /// since the last; 0 is never.
    package var snapshotSeconds = Limits.snapshotSecondsDefault
    package var snapshotSegmentBytes = Limits.snapshotSegmentBytesDefault
    /// Whether a server that is told to stop writes one first.
    package var snapshotAtStop = false

    var snapshotSchedule: Snapshots.Schedule {
        Snapshots.Schedule(seconds: snapshotSeconds, segmentBytes: snapshotSegmentBytes)
    }

    package init() {}

    /// Takes the mode of an option.
    package mutating func use(
        durability word: String, of setting: String
    ) throws(ConfigurationError) {
        guard !dataPath.isEmpty else {
            throw ConfigurationError(setting, "there is no data directory: --data DIR")
        }
        do throws(DomainError) {
            try use(durability: word)
        } catch {
            throw ConfigurationError(setting, error.message)
        }
    }

    mutating func use(durability word: String) throws(DomainError) {
        guard let mode = Durability(rawValue: word.lowercased()) else {
            throw .setting(
                "'\(word)' is none of "
                    + Durability.allCases.map(\.rawValue).joined(separator: ", "))
        }
        durability = mode
    }

    /// Takes the policy of a file's text.
    package mutating func usePolicy(toml text: String) throws(ConfigurationError) {
        do throws(ConfigurationError) {
            policy = try PolicyTable.read(toml: text)
        } catch {
            throw ConfigurationError("policy.\(error.setting)", error.reason)
        }
    }

    /// Whether an address can be reached from this machine only.
    private static func isLoopback(_ bind: String) -> Bool {
        switch try? SocketAddress(ipAddress: bind, port: 0) {
        case .v4: bind.hasPrefix("127.")
        case .v6: bind == "::1"
        // A name that begins like an address could be anyone's.
        case .unixDomainSocket, nil: bind == "localhost"
        }
    }

    /// Throws when settings contradict each other or lie outside their range.
    package func check() throws(ConfigurationError) {
        guard (0...65_535).contains(port) else {
            throw ConfigurationError("server.port", "\(port) is not a port")
        }
        if let httpPort {
            guard (0...65_535).contains(httpPort) else {
                throw ConfigurationError("server.http_port", "\(httpPort) is not a port")
            }
        }
        guard (0...Limits.eventLoopsMax).contains(eventLoops) else {
            throw ConfigurationError(
                "server.event_loops", "\(eventLoops) is outside 0 to \(Limits.eventLoopsMax)")
        }
        guard (1...Limits.connectionsMax).contains(connectionsMax) else {
            throw ConfigurationError(
                "server.connections_max",
                "\(connectionsMax) is outside 1 to \(Limits.connectionsMax)")
        }
        guard partialCommandSeconds >= 1 else {
            throw ConfigurationError("server.partial_command_seconds", "expected at least 1")
        }
        guard (1...Limits.outputBytesMax).contains(outputBytesMax) else {
            throw ConfigurationError(
                "server.output_bytes_max",
                "\(outputBytesMax) is outside 1 to \(Limits.outputBytesMax)")
        }
        guard snapshotSeconds >= 0 else {
            throw ConfigurationError("data.snapshot_seconds", "\(snapshotSeconds) is negative")
        }
        guard snapshotSegmentBytes >= 0 else {
            throw ConfigurationError(
                "data.snapshot_segment_bytes", "\(snapshotSegmentBytes) is negative")
        }
        let dimensions = Limits.tasteDimensionMin...Limits.tasteDimensionMax
        guard tasteDimension == 0 || dimensions.contains(tasteDimension) else {
            throw ConfigurationError(
                "taste.dimension",
                "\(tasteDimension) is neither 0 nor within \(dimensions.lowerBound) to "
                    + "\(dimensions.upperBound)")
        }
        try checkBidding()
        for address in httpPort == nil ? [bind] : [bind, httpBind] {
            guard Self.isLoopback(address) || !password.isEmpty else {
                throw ConfigurationError(
                    "server.password",
                    "the server would be open to everyone who reaches \(address): set a password, "
                        + "or bind to 127.0.0.1")
            }
        }
    }

    private func checkBidding() throws(ConfigurationError) {
        let isAdsSurface = surfaces.contains {
            $0.name.text == biddingSurface.lowercased() && $0.lane == .ads
        }
        guard surfaces.isEmpty || isAdsSurface else {
            throw ConfigurationError(
                "openrtb.surface", "there is no surface '\(biddingSurface)' on the ads lane")
        }
        guard (0...Limits.bidMarginMillisecondsMax).contains(bidding.marginMilliseconds) else {
            throw ConfigurationError(
                "openrtb.margin_ms",
                "\(bidding.marginMilliseconds) is outside 0 to \(Limits.bidMarginMillisecondsMax)")
        }
        let letters = bidding.currency.utf8
        guard letters.count == 3,
            letters.allSatisfy((UInt8(ascii: "A")...UInt8(ascii: "Z")).contains)
        else {
            throw ConfigurationError(
                "openrtb.currency", "'\(bidding.currency)' is not three capitals of ISO 4217")
        }
        guard (1...Limits.bidIdentifierBytesMax).contains(bidding.seat.utf8.count) else {
            throw ConfigurationError(
                "openrtb.seat", "expected 1 to \(Limits.bidIdentifierBytesMax) bytes")
        }
    }
}

/// Why a configuration cannot be used: the setting, and what is wrong with it.
package struct ConfigurationError: Error, Equatable, Sendable {
    package let setting: String
    package let reason: String

    package init(_ setting: String, _ reason: String) {
        self.setting = setting
        self.reason = reason
    }

    package var message: String { "configuration: \(setting): \(reason)" }
}
