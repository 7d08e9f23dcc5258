import Domain

/// Why the engine refused a change or a request: the caller's fault, or a limit of the server.
package enum EngineError: Error, Equatable, Sendable {
    case unknownItem(String)
    case unknownSurface(String)
    /// No surface ranks items of the kind.
    case unknownKind(String)
    case unknownTopic(String)
    /// A vector has another dimension than its space.
    case dimension(space: Space, expected: Int, actual: Int)
    case noTasteSpace
    /// A signal lies further ahead of the server's clock than clocks drift.
    case future(Timestamp)
    case catalogueBegun
    case catalogueNotBegun
    case surfaceWithoutKinds(String)
    /// A limit of the server is reached.
    case full(what: String, limit: Int)
    case outOfMemory
    case unknownInstructionSet(String, supported: [String])
    case unsupportedInstructionSet(String, supported: [String])

    /// One line for a person, without a trailing period.
    package var message: String {
        switch self {
        case .unknownItem(let id): "no item '\(id)'"
        case .unknownSurface(let name): "no surface '\(name)'"
        case .unknownKind(let kind): "unknown kind '\(kind)': no surface ranks it"
        case .unknownTopic(let name): "unknown topic '\(name)'"
        case .dimension(let space, let expected, let actual):
            "the \(space.rawValue) space has \(expected) dimensions, the vector has \(actual)"
        case .noTasteSpace: "this server has no taste space"
        case .future(let time):
            "time \(time) is more than \(Limits.futureMillisecondsMax / 3_600_000) hours ahead"
        case .catalogueBegun: "a catalogue is being loaded already"
        case .catalogueNotBegun: "no catalogue is being loaded: CATALOGUE.BEGIN first"
        case .surfaceWithoutKinds(let name): "surface '\(name)' names no kinds"
        case .full(let what, let limit): "too many \(what): at most \(limit)"
        case .outOfMemory: "out of memory"
        case .unknownInstructionSet(let name, let supported):
            "unknown instruction set '\(name)'; this machine runs "
                + supported.joined(separator: ", ")
        case .unsupportedInstructionSet(let name, let supported):
            "this machine cannot run '\(name)'; it runs " + supported.joined(separator: ", ")
        }
    }
}
