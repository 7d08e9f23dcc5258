/// A product by its number in one server's list, below `Limits.productsMax`.
///
/// Number 0 stands for a chat that named no product: it counts as the surface's own.
public struct ProductNumber: Hashable, Sendable, RawRepresentable {
    public let rawValue: UInt8
    public static let unnamed = ProductNumber(code: 0)

    public init?(rawValue: UInt8) {
        guard Int(rawValue) < Limits.productsMax else { return nil }
        self.rawValue = rawValue
    }

    private init(code: UInt8) { rawValue = code }
}

/// A set of products, one bit each.
public struct ProductSet: Hashable, Sendable, RawRepresentable {
    public var rawValue: UInt32

    public init(rawValue: UInt32 = 0) { self.rawValue = rawValue }

    public func contains(_ product: ProductNumber) -> Bool {
        rawValue >> UInt32(product.rawValue) & 1 != 0
    }

    public mutating func insert(_ product: ProductNumber) {
        rawValue |= 1 << UInt32(product.rawValue)
    }
}
