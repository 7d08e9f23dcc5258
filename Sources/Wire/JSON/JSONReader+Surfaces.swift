import Domain

/// `SURFACE.SET` as JSON: the fields of `SURFACE.GET`; what is left out stays as it is.
extension JSONReader {
    package mutating func surfaceChange(of name: SurfaceName) throws(JSONError) -> SurfaceChange {
        var settings: [SurfaceChange.Setting] = []
        try object { (field, reader) throws(JSONError) in
            try reader.settings(field) { (setting, reader) throws(JSONError) in
                // Checked one by one, so that an error can name the field.
                do throws(DomainError) {
                    _ = try SurfaceChange(name: name, settings: [setting])
                } catch {
                    throw reader.value(error.message)
                }
                settings.append(setting)
            }
        }
        do throws(DomainError) { return try SurfaceChange(name: name, settings: settings) } catch {
            throw value(error.message)
        }
    }

    private mutating func settings(
        _ field: String,
        _ add: (SurfaceChange.Setting, JSONReader) throws(JSONError) -> Void
    ) throws(JSONError) -> Bool {
        switch field {
        case "lane":
            let lane = try string { (b) throws(DomainError) in try Lane(b.excerpt) }
            try add(.lane(lane), self)
        case "product": try add(.product(try string(Product.init(bytes:))), self)
        case "kinds":
            try add(
                .kinds(try list(of: "kinds", limit: Limits.kindsMax, Kind.init(bytes:))), self)
        case "bias": try add(.bias(try number()), self)
        case "prior": try add(.prior(try number()), self)
        case "floor": try add(.floor(try number()), self)
        case "weights":
            try entries(Term.init(_:)) { (term, reader) throws(JSONError) in
                try add(.weight(term, try reader.number()), reader)
            }
        case "types":
            try entries(SignalType.init(_:)) { (type, reader) throws(JSONError) in
                try add(.typeWeight(type, try reader.number()), reader)
            }
        case "half_lives": try halfLives(add)
        case "shapes":
            try entries(SignalClass.init(text:)) { (signals, reader) throws(JSONError) in
                let shape = try reader.string { (b) throws(DomainError) in try Shape(b.excerpt) }
                try add(.shape(signals, shape), reader)
            }
        case "signals":
            try entries(SignalClass.init(text:)) { (signals, reader) throws(JSONError) in
                let count = try reader.integer(in: 0...Int64(Limits.signalsPerClassMax))
                try add(.signalCount(signals, Int(count)), reader)
            }
        default: return false
        }
        return true
    }

    /// Seconds, of classes, of freshness and of fatigue.
    private mutating func halfLives(
        _ add: (SurfaceChange.Setting, JSONReader) throws(JSONError) -> Void
    ) throws(JSONError) {
        try object { (field, reader) throws(JSONError) in
            let setting: (Int64) -> SurfaceChange.Setting
            switch field {
            case "freshness": setting = { .freshnessHalfLife($0) }
            case "fatigue": setting = { .fatigueHalfLife($0) }
            default:
                let signals: SignalClass
                do throws(DomainError) { signals = try SignalClass(text: field) } catch {
                    throw reader.value(error.message)
                }
                setting = { .halfLife(signals, $0) }
            }
            try add(setting(try reader.milliseconds()), reader)
            return true
        }
    }

    private mutating func milliseconds() throws(JSONError) -> Int64 {
        let seconds = try number()
        let milliseconds = (seconds * 1_000).rounded()
        guard milliseconds >= 1, milliseconds <= Double(Limits.timeMillisecondsMax) else {
            throw value("\(seconds) is not a positive number of seconds")
        }
        return Int64(milliseconds)
    }
}

extension SignalClass {
    fileprivate init(text: String) throws(DomainError) { try self.init(bytes: text.utf8.span) }
}
