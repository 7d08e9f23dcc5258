import Domain
import Engine
import Wire

/// Commands about surfaces.
extension CommandExecutor {
    /// One surface, or the names of all.
    func describe(_ name: SurfaceName?) throws(EngineError) -> Reply {
        let setup = shared.engine.setup
        guard let name else {
            return .array(setup.allSurfaces.map { .bulk($0.name.text) })
        }
        guard let resolved = setup.surface(named: name) else {
            throw .unknownSurface(name.text)
        }
        let surface = resolved.surface
        return [
            "name": .bulk(surface.name.text),
            "lane": .bulk(surface.lane.rawValue),
            "product": optional(surface.product?.text),
            "kinds": .array(surface.kinds.map { .bulk($0.text) }),
            "bias": .double(surface.bias),
            "prior": .double(surface.prior),
            "floor": .double(surface.floor),
            "weights": .map(
                Term.allCases.map { Reply.Field($0.rawValue, .double(surface.weights[$0])) }),
            "types": .map(
                SignalType.allCases.map {
                    Reply.Field($0.word, .double(surface.typeWeights[$0]))
                }),
            "half_lives": .map(halfLives(of: surface)),
            "shapes": .map(
                SignalClass.allCases.map {
                    Reply.Field($0.word, .bulk(surface.shapes[$0].rawValue))
                }),
            "signals": .map(
                SignalClass.allCases.map {
                    Reply.Field($0.word, .integer(surface.signalCounts[$0]))
                }),
        ]
    }

    /// In seconds.
    private func halfLives(of surface: Surface) -> [Reply.Field] {
        let classes = SignalClass.allCases.map { ($0.word, surface.halfLives[$0]) }
        let others = [
            ("freshness", surface.freshnessHalfLife), ("fatigue", surface.fatigueHalfLife),
        ]
        return (classes + others).map { Reply.Field($0.0, .double(Double($0.1) / 1_000)) }
    }
}
