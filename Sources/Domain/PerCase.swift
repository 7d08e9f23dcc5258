/// One value for every case of an enumeration: a table that cannot lack a row.
public struct PerCase<Case: CaseIterable & Hashable & Sendable, Value: Sendable>: Sendable {
    private var values: [Value]
    /// Kept, because asking for `allCases` may make a new array, and requests look things up here.
    private let cases: [Case]

    public init(repeating value: Value) {
        cases = Array(Case.allCases)
        values = Array(repeating: value, count: cases.count)
    }

    /// Linear in the number of cases, of which there are a dozen.
    public subscript(_ key: Case) -> Value {
        get { values[index(of: key)] }
        set { values[index(of: key)] = newValue }
    }

    private func index(of key: Case) -> Int {
        for index in cases.indices where cases[index] == key { return index }
        preconditionFailure("\(key) is not among its own cases")
    }
}

extension PerCase: Equatable where Value: Equatable {}
