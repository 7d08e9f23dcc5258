import Engine
import Journal
import Wire

/// What refusals are about, for fronts that tell them apart.
extension EngineError {
    var code: ErrorCode {
        switch self {
        case .unknownItem: .unknownItem
        case .unknownSurface: .unknownSurface
        case .unknownKind: .unknownKind
        case .unknownTopic: .unknownTopic
        case .dimension, .noTasteSpace: .wrongVector
        case .future: .futureTime
        case .catalogueBegun, .catalogueNotBegun: .catalogueConflict
        case .surfaceWithoutKinds: .incompleteSurface
        case .full, .outOfMemory: .limitReached
        case .unknownInstructionSet, .unsupportedInstructionSet: .refused
        }
    }
}

extension ChangeRefusal {
    var code: ErrorCode {
        switch self {
        case .engine(let error): error.code
        case .notKept(.recordTooLong(_, _)): .refused
        case .notKept: .notKept
        case .stopping: .stopping
        }
    }
}
