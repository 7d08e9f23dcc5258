import Domain

/// An everyday topic of the model's closed list, and the direction in which it lies.
package struct Topic: Equatable, Sendable {
    package let name: String
    package let row: TextRow
}
