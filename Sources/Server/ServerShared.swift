import Domain
import Engine
import Logging
import Synchronization
import Text

/// What all event loops of one server share.
package final class ServerShared: Sendable {
    let engine: Engine
    let text: TextModel
    /// Without it no chat is used.
    let gate: SensitiveGate?
    let configuration: ServerConfiguration
    package let counters = ServerCounters()
    /// The port that the server listens on; 0 before it does.
    package let boundPort = Atomic<Int>(0)
    let logger: Logger
    let startedAt = WallClock.now

    package init(
        engine: Engine, text: TextModel, gate: SensitiveGate?,
        configuration: ServerConfiguration, logger: Logger
    ) {
        self.engine = engine
        self.text = text
        self.gate = gate
        self.configuration = configuration
        self.logger = logger
    }

    var requiresPassword: Bool { !configuration.password.isEmpty }

    /// Compares every byte, so that the time taken tells nothing about the password.
    func isPassword(_ bytes: [UInt8]) -> Bool {
        let password = Array(configuration.password.utf8)
        var difference = bytes.count ^ password.count
        for index in password.indices {
            difference |= Int(password[index] ^ (index < bytes.count ? bytes[index] : 0))
        }
        return difference == 0
    }
}
