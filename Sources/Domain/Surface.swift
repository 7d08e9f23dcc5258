/// A named place that is ranked for, and how: its lane, kinds, weights and half-lives.
///
/// Built by applying `SurfaceChange`s to `init(name:)`; the change checks every value.
public struct Surface: Sendable, Equatable {
    public let name: SurfaceName
    public var lane: Lane = .content
    /// The product that the surface belongs to: chats of other products need a link.
    public var product: Product?
    /// The kinds it ranks, never empty in a finished surface.
    public var kinds: [Kind] = []
    public var bias = 0.0
    /// The probability of action of an item that has no `PRIOR` of its own.
    public var prior = 0.5
    /// The least value that is shown: micros per impression on ads, probability on content.
    public var floor = 0.0
    /// One weight a term, in the order of `Term.allCases`; 0 leaves the term out.
    public var weights = PerCase<Term, Double>(repeating: 0)
    /// How much one signal of a type counts within its class: 0 to 1.
    public var typeWeights = PerCase<SignalType, Double>(repeating: 1)
    /// Half-life of a class's signals, in milliseconds.
    public var halfLives = PerCase<SignalClass, Int64>(repeating: 30 * 86_400_000)
    public var freshnessHalfLife: Int64 = 7 * 86_400_000
    public var fatigueHalfLife: Int64 = 86_400_000
    /// Of the text space; taste vectors are learned by a linear model and always linear.
    public var shapes = PerCase<SignalClass, Shape>(repeating: .positive)
    /// The newest signals of a class that one request weighs.
    public var signalCounts = PerCase<SignalClass, Int>(repeating: 32)

    public init(name: SurfaceName) {
        self.name = name
        signalCounts[.behaviour] = 128
        signalCounts[.negative] = 16
        signalCounts[.context] = Limits.contextsMax
    }
}

/// What one `SURFACE.SET`, or one table of the configuration file, changes.
public struct SurfaceChange: Sendable, Equatable {
    public enum Setting: Sendable, Equatable {
        case lane(Lane)
        case product(Product)
        case kinds([Kind])
        case bias(Double)
        case prior(Double)
        case floor(Double)
        case weight(Term, Double)
        case typeWeight(SignalType, Double)
        /// Milliseconds, at least 1.
        case halfLife(SignalClass, Int64)
        case freshnessHalfLife(Int64)
        case fatigueHalfLife(Int64)
        case shape(SignalClass, Shape)
        case signalCount(SignalClass, Int)
    }

    public let name: SurfaceName
    public let settings: [Setting]

    /// Throws when a value lies outside its range.
    public init(name: SurfaceName, settings: [Setting]) throws(DomainError) {
        for setting in settings { try Self.check(setting) }
        self.name = name
        self.settings = settings
    }

    /// `surface` with the settings applied in order.
    public func applied(to surface: Surface) -> Surface {
        var result = surface
        for setting in settings {
            switch setting {
            case .lane(let lane): result.lane = lane
            case .product(let product): result.product = product
            case .kinds(let kinds): result.kinds = kinds
            case .bias(let bias): result.bias = bias
            case .prior(let prior): result.prior = prior
            case .floor(let floor): result.floor = floor
            case .weight(let term, let weight): result.weights[term] = weight
            case .typeWeight(let type, let weight): result.typeWeights[type] = weight
            case .halfLife(let signals, let time): result.halfLives[signals] = time
            case .freshnessHalfLife(let time): result.freshnessHalfLife = time
            case .fatigueHalfLife(let time): result.fatigueHalfLife = time
            case .shape(let signals, let shape): result.shapes[signals] = shape
            case .signalCount(let signals, let count): result.signalCounts[signals] = count
            }
        }
        return result
    }

    private static func check(_ setting: Setting) throws(DomainError) {
        switch setting {
        case .lane, .product, .shape: break
        case .kinds(let kinds):
            guard !kinds.isEmpty else { throw .setting("kinds: expected at least one") }
            guard kinds.count <= Limits.kindsMax else {
                throw .tooMany(what: "kinds", limit: Limits.kindsMax)
            }
        case .bias(let value): try checkMagnitude("bias", value)
        case .weight(let term, let value): try checkMagnitude("weight \(term.rawValue)", value)
        case .prior(let value):
            guard value > 0, value < 1 else { throw .probability("\(value)") }
        case .floor(let value):
            guard value >= 0, value.isFinite else {
                throw .setting("floor: \(value) is not a finite number of at least 0")
            }
        case .typeWeight(let type, let value):
            guard value >= 0, value <= 1 else {
                throw .setting("type weight \(type.word): \(value) is outside 0 to 1")
            }
        case .halfLife(let signals, let time): try checkHalfLife(signals.word, time)
        case .freshnessHalfLife(let time): try checkHalfLife("freshness", time)
        case .fatigueHalfLife(let time): try checkHalfLife("fatigue", time)
        case .signalCount(let signals, let count):
            guard (0...Limits.signalsPerClassMax).contains(count) else {
                throw .setting(
                    "signals \(signals.word): \(count) is outside 0 to "
                        + "\(Limits.signalsPerClassMax)")
            }
        }
    }

    private static func checkMagnitude(_ name: String, _ value: Double) throws(DomainError) {
        guard value.magnitude <= Limits.weightMagnitudeMax else {
            throw .setting("\(name): \(value) is not within +-\(Limits.weightMagnitudeMax)")
        }
    }

    private static func checkHalfLife(_ name: String, _ time: Int64) throws(DomainError) {
        guard (1...Limits.timeMillisecondsMax).contains(time) else {
            throw .setting("half-life \(name): \(time) ms is not positive")
        }
    }
}
