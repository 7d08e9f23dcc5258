import CSIMD

/// The instruction set that the core runs on: chosen once, before anything else.
package enum InstructionSet {
    /// Uses the named one, or the best that this machine runs when `name` is `nil`.
    package static func use(_ name: String?) throws(EngineError) {
        switch unsafe csimd_isa_use(name) {
        case CSIMD_STATUS_OK: return
        case CSIMD_STATUS_UNSUPPORTED_ISA:
            throw .unsupportedInstructionSet(name ?? "", supported: supported)
        default: throw .unknownInstructionSet(name ?? "", supported: supported)
        }
    }

    /// The name of the one in use.
    package static var current: String { unsafe String(cString: csimd_isa_name()) }

    /// The names of those that this machine runs, best first.
    package static var supported: [String] {
        var names: [String] = []
        while let name = unsafe csimd_isa_supported(names.count) {
            names.append(unsafe String(cString: name))
        }
        return names
    }
}
