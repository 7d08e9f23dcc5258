/// One value for every case of an enumeration: a table that cannot lack a row.
public struct PerCase<Case: CaseIterable & Hashable & Sendable, Value: Sendable>: Sendable {
    private var values: [Value]

    public init(repeating value: Value) {
        values = Array(repeating: value, count: Case.allCases.count)
    }

    /// Linear in the number of cases, of which there are a dozen.
    public subscript(_ key: Case) -> Value {
        get { values[Self.index(of: key)] }
        set { values[Self.index(of: key)] = newValue }
    }

    private static func index(of key: Case) -> Int {
        var index = 0
        for candidate in Case.allCases {
            if candidate == key { return index }
            index += 1
        }
        preconditionFailure("\(key) is not among its own cases")
    }
}

extension PerCase: Equatable where Value: Equatable {}
