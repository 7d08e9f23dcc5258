import Domain
import OpenRTB
import Policy
import TOMLKit

extension ServerConfiguration {
    /// The shipped configuration: the file that `Resources/default.toml` holds.
    package static func shipped() throws(ConfigurationError) -> ServerConfiguration {
        var configuration = ServerConfiguration()
        try configuration.apply(toml: shippedText)
        configuration.givenSurfaces = []
        return configuration
    }

    package static var shippedText: String {
        String(decoding: PackageResources.default_toml, as: UTF8.self)
    }

    package static var shippedPolicyText: String { PolicyTable.shippedText }

    /// Takes the settings of a TOML text; what it does not name stays. A surface that it names is
    /// changed setting by setting, one with a new name begins from the defaults of `Surface`.
    package mutating func apply(toml text: String) throws(ConfigurationError) {
        let table: TOMLTable
        do {
            table = try TOMLTable(string: text)
        } catch {
            throw ConfigurationError("syntax", "\(error)")
        }
        var reader = TableReader(table, path: "")
        try reader.table("server") { (server) throws(ConfigurationError) in
            try server.string("bind") { bind = $0 }
            try server.integer("port") { port = $0 }
            try server.string("http_bind") { httpBind = $0 }
            try server.integer("http_port") { httpPort = $0 }
            try server.integer("event_loops") { eventLoops = $0 }
            try server.integer("connections_max") { connectionsMax = $0 }
            try server.integer("partial_command_seconds") { partialCommandSeconds = $0 }
            try server.integer("output_bytes_max") { outputBytesMax = $0 }
            try server.string("password") { password = $0 }
            try server.integer("slow_request_microseconds") { slowRequestMicroseconds = $0 }
        }
        try reader.table("data") { (data) throws(ConfigurationError) in
            try data.string("directory") { dataPath = $0 }
            try data.string("durability") { (word) throws(DomainError) in
                try use(durability: word)
            }
            try data.integer("snapshot_seconds") { snapshotSeconds = $0 }
            try data.integer("snapshot_segment_bytes") { snapshotSegmentBytes = $0 }
            try data.boolean("snapshot_at_stop") { snapshotAtStop = $0 }
        }
        try reader.table("text") { (text) throws(ConfigurationError) in
            try text.string("gate") { gatePath = $0 }
        }
        try reader.table("policy") { (policy) throws(ConfigurationError) in
            try policy.string("file") { policyPath = $0 }
        }
        try reader.table("taste") { (taste) throws(ConfigurationError) in
            try taste.integer("dimension") { tasteDimension = $0 }
        }
        try reader.table("openrtb") { (openrtb) throws(ConfigurationError) in
            try openrtb.string("surface") { biddingSurface = $0 }
            try openrtb.string("seat") { bidding.seat = $0 }
            try openrtb.string("currency") { bidding.currency = $0 }
            try openrtb.integer("margin_ms") { bidding.marginMilliseconds = $0 }
            try openrtb.boolean("personal_under_gdpr") { bidding.allowsGDPR = $0 }
        }
        try reader.table("surfaces") { (tables) throws(ConfigurationError) in
            try tables.eachTable { (name, table) throws(ConfigurationError) in
                try apply(surface: name, &table)
            }
        }
        try reader.finish()
    }

    private mutating func apply(
        surface name: String, _ table: inout TableReader
    ) throws(ConfigurationError) {
        let path = table.path
        let settings = try SurfaceSettings.read(&table)
        do throws(DomainError) {
            let change = try SurfaceChange(name: SurfaceName(name), settings: settings)
            givenSurfaces.append(change)
            let index = surfaces.firstIndex { $0.name == change.name }
            let old = index.map { surfaces[$0] } ?? Surface(name: change.name)
            let new = change.applied(to: old)
            if let index { surfaces[index] = new } else { surfaces.append(new) }
        } catch {
            throw ConfigurationError(path, error.message)
        }
    }
}
