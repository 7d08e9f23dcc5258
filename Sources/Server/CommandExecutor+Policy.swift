import Domain
import Engine
import Logging
import Policy
import Wire

/// Commands about the policy.
extension CommandExecutor {
    /// The policy in use, as the text that its digest is taken of.
    func describePolicy() -> Reply {
        let setup = shared.engine.setup
        return [
            "version": .integer(PolicyTable.version),
            "digest": .bulk(setup.policyDigest),
            "text": .verbatim(setup.policy.canonicalText),
        ]
    }

    /// Says what a policy would change, and changes nothing.
    func check(policy text: String, writer: inout ReplyWriter) {
        guard let policy = read(text, of: .policyCheck, writer: &writer) else { return }
        let current = shared.engine.setup.policy
        let trial = shared.engine.trial(of: policy, now: shared.now, ranker: ranker)
        writer.reply([
            "version": .integer(PolicyTable.version),
            "digest": .bulk(policy.digest),
            "rows": .array(policy.rowsDiffering(from: current).map { .bulk($0) }),
            "users": .integer(trial.users),
            "signals": .integer(trial.signals),
            "hidden": counts(trial.hidden),
            "restored": counts(trial.restored),
        ])
    }

    func set(policy text: String, session: inout Session, writer: inout ReplyWriter) -> Outcome {
        guard let policy = read(text, of: .policySet, writer: &writer) else { return .replied }
        let digest = policy.digest
        let answer = shared.changes.set(policy, digest: digest)
        return reply(answer, session: &session, writer: &writer) {
            [logger = shared.logger] _, _, writer in
            logger.notice("the policy was set", metadata: ["policy": "\(digest)"])
            writer.ok()
        }
    }

    /// The policy that a text states; `nil` when the refusal has been written.
    private func read(
        _ text: String, of command: CommandName, writer: inout ReplyWriter
    ) -> PolicyTable? {
        do throws(ConfigurationError) {
            return try PolicyTable.read(toml: text)
        } catch {
            let refusal = CommandError.invalid(
                what: "policy", of: command, reason: "\(error.setting): \(error.reason)")
            shared.counters.commandErrors.increment()
            writer.error(refusal.message, code: .invalidPolicy)
            return nil
        }
    }

    private func counts(_ counts: PerCase<Gate, Int>) -> Reply {
        .map(
            Engine.PolicyTrial.gates.map { Reply.Field($0.rawValue, .integer(counts[$0])) })
    }
}
