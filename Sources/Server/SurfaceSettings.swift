import Domain

/// One `[surfaces.NAME]` table as the settings that `SURFACE.SET` would take.
enum SurfaceSettings {
    typealias Setting = SurfaceChange.Setting

    static func read(_ table: inout TableReader) throws(ConfigurationError) -> [Setting] {
        var settings: [Setting] = []
        try table.string("lane") { (text) throws(DomainError) in
            settings.append(.lane(try Lane(text)))
        }
        try table.string("product") { (text) throws(DomainError) in
            settings.append(.product(try Product(text)))
        }
        try table.strings("kinds") { (words) throws(DomainError) in
            var kinds: [Kind] = []
            for word in words { kinds.append(try Kind(word)) }
            settings.append(.kinds(kinds))
        }
        try table.number("bias") { settings.append(.bias($0)) }
        try table.number("prior") { settings.append(.prior($0)) }
        try table.number("floor") { settings.append(.floor($0)) }
        try table.table("weights") { (weights) throws(ConfigurationError) in
            try weights.eachNumber { (key, value) throws(DomainError) in
                settings.append(.weight(try Term(key), value))
            }
        }
        try table.table("types") { (types) throws(ConfigurationError) in
            try types.eachNumber { (key, value) throws(DomainError) in
                settings.append(.typeWeight(try SignalType(key), value))
            }
        }
        try table.table("half_lives") { (times) throws(ConfigurationError) in
            try times.eachNumber { (key, seconds) throws(DomainError) in
                settings.append(try halfLife(key, seconds: seconds))
            }
        }
        try table.table("shapes") { (shapes) throws(ConfigurationError) in
            try shapes.eachString { (key, word) throws(DomainError) in
                settings.append(.shape(try signalClass(key), try Shape(word)))
            }
        }
        try table.table("signals") { (counts) throws(ConfigurationError) in
            try counts.eachNumber { (key, count) throws(DomainError) in
                guard let whole = Int(exactly: count) else {
                    throw .setting("signals \(key): \(count) is not a whole number")
                }
                settings.append(.signalCount(try signalClass(key), whole))
            }
        }
        return settings
    }

    private static func halfLife(_ key: String, seconds: Double) throws(DomainError) -> Setting {
        guard seconds > 0, let milliseconds = Int64(exactly: (seconds * 1_000).rounded()) else {
            throw .setting("half-life \(key): \(seconds) seconds is not a positive time")
        }
        switch key {
        case "freshness": return .freshnessHalfLife(milliseconds)
        case "fatigue": return .fatigueHalfLife(milliseconds)
        default: return .halfLife(try signalClass(key), milliseconds)
        }
    }

    private static func signalClass(_ word: String) throws(DomainError) -> SignalClass {
        guard let signals = SignalClass.allCases.first(where: { $0.word == word }) else {
            throw .setting(
                "unknown class '\(word)': expected one of "
                    + SignalClass.allCases.map(\.word).joined(separator: ", "))
        }
        return signals
    }
}
