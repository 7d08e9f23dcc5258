import Domain

/// All settings of a surface, by the words of `SURFACE.SET`; half-lives in milliseconds.
struct PortableSurface: Codable {
    var name: String
    var lane: String
    var product: String?
    var kinds: [String]
    var bias: Double
    var prior: Double
    var floor: Double
    var weights: [String: Double]
    var types: [String: Double]
    var halfLives: [String: Int64]
    var freshnessHalfLife: Int64
    var fatigueHalfLife: Int64
    var shapes: [String: String]
    var signals: [String: Int]

    init(_ surface: Surface) {
        name = surface.name.text
        lane = surface.lane.rawValue
        product = surface.product?.text
        kinds = surface.kinds.map(\.text)
        bias = surface.bias
        prior = surface.prior
        floor = surface.floor
        weights = Self.table(Term.allCases, \.rawValue) { surface.weights[$0] }
        types = Self.table(SignalType.allCases, \.word) { surface.typeWeights[$0] }
        halfLives = Self.table(SignalClass.allCases, \.word) { surface.halfLives[$0] }
        freshnessHalfLife = surface.freshnessHalfLife
        fatigueHalfLife = surface.fatigueHalfLife
        shapes = Self.table(SignalClass.allCases, \.word) { surface.shapes[$0].rawValue }
        signals = Self.table(SignalClass.allCases, \.word) { surface.signalCounts[$0] }
    }

    func surface() throws(DomainError) -> Surface {
        var settings: [SurfaceChange.Setting] = [.lane(try Lane(lane))]
        if let product { settings.append(.product(try Product(product))) }
        var kinds: [Kind] = []
        for kind in self.kinds { kinds.append(try Kind(kind)) }
        settings += [.kinds(kinds), .bias(bias), .prior(prior), .floor(floor)]
        for term in Term.allCases {
            if let weight = weights[term.rawValue] { settings.append(.weight(term, weight)) }
        }
        for type in SignalType.allCases {
            if let weight = types[type.word] { settings.append(.typeWeight(type, weight)) }
        }
        settings += [.freshnessHalfLife(freshnessHalfLife), .fatigueHalfLife(fatigueHalfLife)]
        for signals in SignalClass.allCases {
            if let time = halfLives[signals.word] { settings.append(.halfLife(signals, time)) }
            if let shape = shapes[signals.word] {
                settings.append(.shape(signals, try Shape(shape)))
            }
            if let count = self.signals[signals.word] {
                settings.append(.signalCount(signals, count))
            }
        }
        let name = try SurfaceName(name)
        return try SurfaceChange(name: name, settings: settings).applied(to: Surface(name: name))
    }

    private static func table<Case, Value>(
        _ cases: [Case], _ word: (Case) -> String, _ value: (Case) -> Value
    ) -> [String: Value] {
        Dictionary(uniqueKeysWithValues: cases.map { (word($0), value($0)) })
    }
}
