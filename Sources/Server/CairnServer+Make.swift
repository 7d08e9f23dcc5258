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
    /// Puts a server together: instruction set, text model, policy, engine.
    package static func make(
        _ configuration: ServerConfiguration, logger: Logger,
        whenReady: @escaping @Sendable (SocketAddress) -> Void
    ) throws -> CairnServer {
        CairnServer(try shared(configuration, logger: logger), whenReady: whenReady)
    }

    package static func shared(
        _ configuration: ServerConfiguration, logger: Logger
    ) throws -> ServerShared {
        try useInstructionSet()
        let text = try TextModel.embedded()
        let policy = PolicyTable.announced
        var options = EngineOptions(policyDigest: policy.digest)
        options.policy = policy
        options.tasteDimension = configuration.tasteDimension
        options.surfaces = configuration.surfaces
        options.topics = text.topics.map { ($0.name, $0.row) }
        logger.info(
            "starting",
            metadata: [
                "version": "\(CairnVersion.current)", "isa": "\(InstructionSet.current)",
                "policy": "\(policy.digest)", "text_model": "\(text.digest)",
            ])
        do throws(EngineError) {
            return ServerShared(
                engine: try Engine(options), text: text, configuration: configuration,
                logger: logger)
        } catch .outOfMemory {
            throw Failure.outOfMemory
        } catch {
            throw ConfigurationError("surfaces", error.message)
        }
    }

    /// `CAIRN_ISA` chooses; one that this machine cannot run is refused.
    private static func useInstructionSet() throws(ConfigurationError) {
        let name = unsafe getenv("CAIRN_ISA").map { unsafe String(cString: $0) }
        do throws(EngineError) {
            try InstructionSet.use(name)
        } catch {
            throw ConfigurationError("CAIRN_ISA", error.message)
        }
    }
}
