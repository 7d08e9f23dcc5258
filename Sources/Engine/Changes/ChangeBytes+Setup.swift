import Domain
import Policy

/// A surface is its name and all its settings, each a tag and a value; a policy its four rows that
/// can be set, and its digest.
///
///     surface   | name | settings: tag u8, value |
///     policy    | version u8 | from: time | excluded regions u16 | crossing | lanes | digest |
extension ChangeWriter {
    mutating func surface(_ surface: Surface) {
        text(surface.name.text)
        list(surface.settings) { $0.setting($1) }
    }

    private mutating func setting(_ setting: SurfaceChange.Setting) {
        switch setting {
        case .lane(let lane):
            byte(SettingTag.lane.rawValue)
            text(lane.rawValue)
        case .product(let product):
            byte(SettingTag.product.rawValue)
            text(product.text)
        case .kinds(let kinds):
            byte(SettingTag.kinds.rawValue)
            list(kinds) { $0.text($1.text) }
        case .bias(let value):
            byte(SettingTag.bias.rawValue)
            double(value)
        case .prior(let value):
            byte(SettingTag.prior.rawValue)
            double(value)
        case .floor(let value):
            byte(SettingTag.floor.rawValue)
            double(value)
        case .weight(let term, let value):
            byte(SettingTag.weight.rawValue)
            text(term.rawValue)
            double(value)
        case .typeWeight(let type, let value):
            byte(SettingTag.typeWeight.rawValue)
            byte(type.rawValue)
            double(value)
        case .halfLife(let signals, let milliseconds):
            byte(SettingTag.halfLife.rawValue)
            byte(signals.rawValue)
            count(UInt64(milliseconds))
        case .freshnessHalfLife(let milliseconds):
            byte(SettingTag.freshnessHalfLife.rawValue)
            count(UInt64(milliseconds))
        case .fatigueHalfLife(let milliseconds):
            byte(SettingTag.fatigueHalfLife.rawValue)
            count(UInt64(milliseconds))
        case .shape(let signals, let shape):
            byte(SettingTag.shape.rawValue)
            byte(signals.rawValue)
            text(shape.rawValue)
        case .signalCount(let signals, let number):
            byte(SettingTag.signalCount.rawValue)
            byte(signals.rawValue)
            count(number)
        }
    }

    mutating func policy(_ policy: PolicyTable, digest: String) {
        byte(UInt8(PolicyTable.version))
        time(policy.effective)
        list(policy.excludedRegions.map(\.rawValue).sorted()) { $0.fixed($1) }
        text(policy.crossing.rawValue)
        list(policy.contextTextLanes.map(\.rawValue).sorted()) { $0.text($1) }
        text(digest)
    }
}

private enum SettingTag: UInt8 {
    case lane = 1
    case product = 2
    case kinds = 3
    case bias = 4
    case prior = 5
    case floor = 6
    case weight = 7
    case typeWeight = 8
    case halfLife = 9
    case freshnessHalfLife = 10
    case fatigueHalfLife = 11
    case shape = 12
    case signalCount = 13
}

extension Surface {
    /// All settings: applied to a new surface of the name they give this one.
    package var settings: [SurfaceChange.Setting] {
        var settings: [SurfaceChange.Setting] = [.lane(lane)]
        if let product { settings.append(.product(product)) }
        settings += [.kinds(kinds), .bias(bias), .prior(prior), .floor(floor)]
        settings += Term.allCases.map { .weight($0, weights[$0]) }
        settings += SignalType.allCases.map { .typeWeight($0, typeWeights[$0]) }
        settings += SignalClass.allCases.map { .halfLife($0, halfLives[$0]) }
        settings += [.freshnessHalfLife(freshnessHalfLife), .fatigueHalfLife(fatigueHalfLife)]
        settings += SignalClass.allCases.map { .shape($0, shapes[$0]) }
        settings += SignalClass.allCases.map { .signalCount($0, signalCounts[$0]) }
        return settings
    }
}

extension ChangeReader {
    /// Settings beyond this number would repeat others.
    private static let settingsMax = 256

    mutating func surface() throws(ChangeBytesError) -> Surface {
        let name = try name(SurfaceName.init)
        let settings = try list(upTo: Self.settingsMax) { (reader) throws(ChangeBytesError) in
            try reader.setting()
        }
        return try checked { () throws(DomainError) in
            try SurfaceChange(name: name, settings: settings).applied(to: Surface(name: name))
        }
    }

    private mutating func setting() throws(ChangeBytesError) -> SurfaceChange.Setting {
        let tag = try byte()
        switch SettingTag(rawValue: tag) {
        case .lane: return .lane(try name(Lane.init))
        case .product: return .product(try name(Product.init))
        case .kinds:
            return .kinds(
                try list(upTo: Limits.kindsMax) { (reader) throws(ChangeBytesError) in
                    try reader.name(Kind.init)
                })
        case .bias: return .bias(try double())
        case .prior: return .prior(try double())
        case .floor: return .floor(try double())
        case .weight: return .weight(try name(Term.init), try double())
        case .typeWeight: return .typeWeight(try code("type of signal"), try double())
        case .halfLife: return .halfLife(try code("class of signals"), try milliseconds())
        case .freshnessHalfLife: return .freshnessHalfLife(try milliseconds())
        case .fatigueHalfLife: return .fatigueHalfLife(try milliseconds())
        case .shape: return .shape(try code("class of signals"), try name(Shape.init))
        case .signalCount:
            return .signalCount(
                try code("class of signals"), try count(upTo: Limits.signalsPerClassMax))
        case nil: throw .invalid("a surface has no setting \(tag)")
        }
    }

    private mutating func milliseconds() throws(ChangeBytesError) -> Int64 {
        Int64(clamping: try number())
    }

    mutating func policy() throws(ChangeBytesError) -> (PolicyTable, digest: String) {
        let version = try byte()
        guard version == UInt8(PolicyTable.version) else {
            throw .invalid("a policy is of version \(version)")
        }
        let effective = try time()
        let regions: [Region] = try list(upTo: Region.count) { (reader) throws(ChangeBytesError) in
            try reader.code("region")
        }
        let crossingWord = try text(upTo: Limits.wordBytesMax)
        guard let crossing = PolicyTable.ProductCrossing(rawValue: crossingWord) else {
            throw .invalid("'\(crossingWord)' is no crossing of products")
        }
        let lanes = try list(upTo: Lane.allCases.count) { (reader) throws(ChangeBytesError) in
            try reader.name(Lane.init)
        }
        let digest = try text(upTo: Limits.wordBytesMax)
        do throws(PolicyLoosening) {
            let policy = try PolicyTable(
                effective: effective, excludedRegions: Set(regions), crossing: crossing,
                contextTextLanes: Set(lanes))
            return (policy, digest)
        } catch {
            throw .invalid("a policy is looser than announced: \(error)")
        }
    }
}
