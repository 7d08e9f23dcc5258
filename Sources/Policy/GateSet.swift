/// A set of gates, one bit each: which of them kept something out of a request.
public struct GateSet: Sendable, Equatable {
    private var bits: UInt8 = 0

    public init() {}

    public var isEmpty: Bool { bits == 0 }

    public func contains(_ gate: Gate) -> Bool { bits & Self.bit(of: gate) != 0 }

    public mutating func insert(_ gate: Gate) { bits |= Self.bit(of: gate) }

    public mutating func formUnion(_ other: GateSet) { bits |= other.bits }

    /// Spelled out, so that nothing is looked up or allocated in a request.
    private static func bit(of gate: Gate) -> UInt8 {
        switch gate {
        case .duplicate: 1
        case .region: 2
        case .effective: 4
        case .notice: 8
        case .link: 16
        case .language: 32
        case .sensitive: 64
        case .noTopic: 128
        }
    }
}
