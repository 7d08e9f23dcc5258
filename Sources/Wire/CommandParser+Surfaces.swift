import Domain

/// `SURFACE.SET` and `SURFACE.GET`.
extension CommandParser {
    static func surfaceSet(_ arguments: CommandArguments) throws(CommandError) -> SurfaceChange {
        let name = try surfaceName(.surfaceSet, arguments)
        var reader = OptionReader(.surfaceSet, arguments, from: 2)
        var settings: [SurfaceChange.Setting] = []
        while let option = try reader.next() {
            let setting = try setting(option, &reader)
            guard !settings.contains(where: { $0.sets(theSameAs: setting) }) else {
                throw reader.duplicate(setting.detail)
            }
            // Checked one by one, so that an error can name the option.
            do { _ = try SurfaceChange(name: name, settings: [setting]) } catch {
                throw reader.invalid(error.message)
            }
            settings.append(setting)
        }
        do { return try SurfaceChange(name: name, settings: settings) } catch {
            throw .invalid(what: "surface", of: .surfaceSet, reason: error.message)
        }
    }

    static func surfaceGet(_ arguments: CommandArguments) throws(CommandError) -> SurfaceName? {
        guard arguments.count <= 2 else { throw .wrongArgumentCount(CommandName.surfaceGet.lower) }
        return arguments.count == 1 ? nil : try surfaceName(.surfaceGet, arguments)
    }

    private static func surfaceName(
        _ command: CommandName, _ arguments: CommandArguments
    ) throws(CommandError) -> SurfaceName {
        do { return try SurfaceName(bytes: arguments[1]) } catch {
            throw .invalid(what: "name", of: command, reason: error.message)
        }
    }

    /// One setting; those of a term, type or class may repeat for others.
    private static func setting(
        _ option: OptionWord, _ reader: inout OptionReader
    ) throws(CommandError) -> SurfaceChange.Setting {
        switch option {
        case .lane:
            return .lane(try reader.take { (b) throws(DomainError) in try Lane(b.excerpt) })
        case .product: return .product(try reader.take(Product.init(bytes:)))
        case .kinds:
            return .kinds(
                try reader.take { (bytes) throws(DomainError) in
                    try bytes.list(of: "kinds", limit: Limits.kindsMax, Kind.init(bytes:))
                })
        case .bias: return .bias(try reader.take(Double.init(decimal:)))
        case .prior: return .prior(try reader.take(Double.init(decimal:)))
        case .floor: return .floor(try reader.take(Double.init(decimal:)))
        case .weight:
            let term = try reader.take { (b) throws(DomainError) in try Term(b.excerpt) }
            return .weight(term, try reader.take(Double.init(decimal:)))
        case .type:
            let type = try reader.take { (b) throws(DomainError) in try SignalType(b.excerpt) }
            return .typeWeight(type, try reader.take(Double.init(decimal:)))
        case .halfLife: return try halfLife(&reader)
        case .shape:
            let signals = try reader.take(SignalClass.init(bytes:))
            return .shape(
                signals, try reader.take { (b) throws(DomainError) in try Shape(b.excerpt) })
        case .signals:
            let signals = try reader.take(SignalClass.init(bytes:))
            let count = try reader.take { (bytes) throws(DomainError) in
                try Int64(decimal: bytes, in: 0...Int64(Limits.signalsPerClassMax))
            }
            return .signalCount(signals, Int(count))
        default: throw reader.refusal()
        }
    }

    /// Seconds, with decimals if need be, of a class, of freshness or of fatigue.
    private static func halfLife(
        _ reader: inout OptionReader
    ) throws(CommandError) -> SurfaceChange.Setting {
        let of = reader.arguments[try reader.take()]
        if of.matchesIgnoringCase("freshness") {
            return .freshnessHalfLife(try milliseconds(&reader))
        }
        if of.matchesIgnoringCase("fatigue") {
            return .fatigueHalfLife(try milliseconds(&reader))
        }
        let signals: SignalClass
        do { signals = try SignalClass(bytes: of) } catch { throw reader.invalid(error.message) }
        return .halfLife(signals, try milliseconds(&reader))
    }

    private static func milliseconds(_ reader: inout OptionReader) throws(CommandError) -> Int64 {
        let seconds = try reader.take(Double.init(decimal:))
        let milliseconds = (seconds * 1_000).rounded()
        guard milliseconds >= 1, milliseconds <= Double(Limits.timeMillisecondsMax) else {
            throw reader.invalid("\(seconds) is not a positive number of seconds")
        }
        return Int64(milliseconds)
    }
}

extension SurfaceChange.Setting {
    /// Whether both set one thing, to whatever value.
    fileprivate func sets(theSameAs other: Self) -> Bool {
        switch (self, other) {
        case (.lane, .lane), (.product, .product), (.kinds, .kinds), (.bias, .bias),
            (.prior, .prior), (.floor, .floor), (.freshnessHalfLife, .freshnessHalfLife),
            (.fatigueHalfLife, .fatigueHalfLife):
            true
        case (.weight(let a, _), .weight(let b, _)): a == b
        case (.typeWeight(let a, _), .typeWeight(let b, _)): a == b
        case (.halfLife(let a, _), .halfLife(let b, _)): a == b
        case (.shape(let a, _), .shape(let b, _)): a == b
        case (.signalCount(let a, _), .signalCount(let b, _)): a == b
        default: false
        }
    }

    /// What a repeatable option sets, as the client writes it.
    fileprivate var detail: String? {
        switch self {
        case .lane, .product, .kinds, .bias, .prior, .floor: nil
        case .weight(let term, _): term.rawValue
        case .typeWeight(let type, _): type.word
        case .halfLife(let signals, _), .shape(let signals, _), .signalCount(let signals, _):
            signals.word
        case .freshnessHalfLife: "freshness"
        case .fatigueHalfLife: "fatigue"
        }
    }
}

extension SignalClass {
    init(bytes: Span<UInt8>) throws(DomainError) {
        let text = bytes.excerpt.lowercased()
        guard let signals = Self.allCases.first(where: { $0.word == text }) else {
            throw .setting(
                "unknown class '\(bytes.excerpt)': expected one of "
                    + Self.allCases.map(\.word).joined(separator: ", "))
        }
        self = signals
    }
}
