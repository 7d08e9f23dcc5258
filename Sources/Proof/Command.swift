import Domain

/// One command of a log, with all that it says; the log gives it its instant.
package enum Command: Sendable, Equatable {
    case item(ItemCommand)
    case removeItem(String)
    case user(UserCommand)
    /// What a user did about an item.
    case act(ActCommand)
    /// What a user said: a chat, or words that came with something done.
    case say(SayCommand)
    case suppress(user: String, topic: Int)
    case unsuppress(user: String, topic: Int)
    case retract(user: String, event: String)
    case forget(user: String)
    case surface(String, SurfaceSetting)
    /// Puts a rule of `Rule.all` in use.
    case policy(Int)
    case rank(RequestCommand, given: [String]?, top: Int)
    case explain(RequestCommand, item: String)
    case whyNot(RequestCommand, item: String)
    case export(user: String)
}

package struct ItemCommand: Sendable, Equatable {
    package var id: String
    /// Among the texts of the world; `nil` for an item without.
    package var text: Int?
    package var bid: Int64
}

package struct UserCommand: Sendable, Equatable {
    package var user: String
    package var region: String?
    package var notice: Int64?
    package var links: [String]?
}

package struct ActCommand: Sendable, Equatable {
    package var user: String
    package var type: SignalType
    package var item: String
    package var event: String?
}

package struct SayCommand: Sendable, Equatable {
    package enum About: Sendable, Equatable {
        /// Among the messages of the world.
        case message(Int)
        /// Among the topics of the world that logs speak about.
        case topic(Int)
        case item(String)
        /// A direction of the text space, which nobody can read.
        case vector
    }

    package var user: String
    package var type: SignalType
    package var about: About
    package var isSpoken = false
    package var product: String?
    package var label: SensitiveLabel?
    package var event: String?
}

package enum SurfaceSetting: Sendable, Equatable {
    case product(String)
    case chatWeight(Int)
    case chatsCount(Int)
    case behaviourCount(Int)
    case chatHalfLifeDays(Int)
    case chatsLinear(Bool)
}

package struct RequestCommand: Sendable, Equatable {
    package enum Context: Sendable, Equatable {
        case message(Int)
        case topic(Int)
        case item(String)
    }

    package var user: String
    package var surface: String
    package var region: String?
    package var contexts: [Context] = []
}

extension Command {
    /// The user whom the command is about or for.
    package var user: String? {
        switch self {
        case .item, .removeItem, .surface, .policy: nil
        case .user(let change): change.user
        case .act(let act): act.user
        case .say(let saying): saying.user
        case .suppress(let user, _), .unsuppress(let user, _), .retract(let user, _),
            .forget(let user), .export(let user):
            user
        case .rank(let request, _, _), .explain(let request, _), .whyNot(let request, _):
            request.user
        }
    }

    package var request: RequestCommand? {
        switch self {
        case .rank(let request, _, _), .explain(let request, _), .whyNot(let request, _): request
        default: nil
        }
    }

    /// Whether it is a signal, which a gate may keep out.
    package var isSignal: Bool {
        switch self {
        case .act, .say: true
        default: false
        }
    }
}

/// A command and its instant: of what was done or said, or the clock of a request.
package struct Step: Sendable, Equatable {
    package var at: Int64
    package var command: Command
}

/// A history: the commands that a server gets, in their order.
package struct Log: Sendable, Equatable {
    package var steps: [Step]

    package init(_ steps: [Step] = []) { self.steps = steps }

    package mutating func append(_ command: Command, at time: Int64) {
        steps.append(Step(at: time, command: command))
    }

    /// The log without the steps at some places.
    package func without(_ isLeftOut: (Int) -> Bool) -> Log {
        Log(steps.indices.filter { !isLeftOut($0) }.map { steps[$0] })
    }

    /// The log without the changes of the policy.
    var withoutPolicies: Log {
        without { if case .policy = steps[$0].command { true } else { false } }
    }
}
