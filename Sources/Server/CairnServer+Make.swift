import Domain
import Engine
import Logging
import NIOCore
import Policy
import Text

#if canImport(Glibc)
    import Glibc
#endif

extension CairnServer {
    /// Puts a server together: instruction set, text model, policy, data directory, engine.
    package static func make(
        _ configuration: ServerConfiguration, logger: Logger,
        whenHTTPReady: @escaping @Sendable (SocketAddress) -> Void = { _ in },
        whenReady: @escaping @Sendable (SocketAddress) -> Void
    ) throws -> CairnServer {
        try useInstructionSet()
        let models = try ServerModels.load(gatePath: configuration.gatePath)
        let shared = try shared(configuration, models: models, logger: logger)
        return CairnServer(shared, whenHTTPReady: whenHTTPReady, whenReady: whenReady)
    }

    package static func shared(
        _ configuration: ServerConfiguration, models: ServerModels, logger: Logger,
        clock: (@Sendable () -> Timestamp)? = nil
    ) throws -> ServerShared {
        let text = models.text
        let policy = configuration.policy
        let store = try openStore(configuration)
        var options = EngineOptions(policyDigest: policy.digest)
        options.policy = policy
        options.tasteDimension = configuration.tasteDimension
        // With a data directory the surfaces are what it says.
        if store == nil { options.surfaces = configuration.surfaces }
        options.topics = text.topics.map { ($0.name, $0.row) }
        logger.info(
            "starting",
            metadata: [
                "version": "\(CairnVersion.current)", "isa": "\(InstructionSet.current)",
                "policy": "\(policy.digest)",
                "policy_file": "\(configuration.policyPath)", "text_model": "\(text.digest)",
                "gate": "\(models.gate?.digest ?? "none")",
            ])
        if models.gate == nil {
            logger.warning(
                "the sensitive gate is missing: no chat is used",
                metadata: ["path": "\(models.gatePath)"])
        }
        do throws(EngineError) {
            return ServerShared(
                engine: try Engine(options), text: text, gate: models.gate,
                configuration: configuration, store: store, logger: logger,
                clock: clock ?? { WallClock.now })
        } catch .outOfMemory {
            throw Failure.outOfMemory
        } catch {
            throw ConfigurationError("surfaces", error.message)
        }
    }

    private static func openStore(
        _ configuration: ServerConfiguration
    ) throws(Failure) -> DataStore? {
        guard !configuration.dataPath.isEmpty else { return nil }
        do throws(DataError) {
            return try DataStore(configuration.dataPath, mode: configuration.durability)
        } catch {
            throw .data(error, path: configuration.dataPath)
        }
    }

    /// `CAIRN_ISA` chooses; one that this machine cannot run is refused.
    package static func useInstructionSet() throws(ConfigurationError) {
        let name = unsafe getenv("CAIRN_ISA").map { unsafe String(cString: $0) }
        do throws(EngineError) {
            try InstructionSet.use(name)
        } catch {
            throw ConfigurationError("CAIRN_ISA", error.message)
        }
    }
}
