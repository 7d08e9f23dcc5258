import Domain
import Policy

/// What a request reads besides items and users: surfaces, policy and the words they use.
///
/// Immutable: a change makes a new one, and a request keeps the one it began with.
package final class Setup: Sendable {
    package let policy: PolicyTable
    package let policyDigest: String
    private let surfaces: [ResolvedSurface]
    /// By number.
    let kinds: [Kind]
    /// By number, which begins at 1.
    let products: [Product]
    /// By a product's number, its place among the names in order; 0 is no name.
    private let productPlaces: InlineArray<32, UInt8>

    /// A setup without surfaces.
    ///
    /// - Parameter kinds, products: Those that have their numbers already, in order.
    init(
        policy: PolicyTable, policyDigest: String, kinds: [Kind] = [], products: [Product] = []
    ) {
        self.policy = policy
        self.policyDigest = policyDigest
        surfaces = []
        self.kinds = kinds
        self.products = products
        productPlaces = Self.places(of: products)
    }

    private init(
        from other: Setup, surfaces: [ResolvedSurface], kinds: [Kind], products: [Product]
    ) {
        policy = other.policy
        policyDigest = other.policyDigest
        self.surfaces = surfaces
        self.kinds = kinds
        self.products = products
        productPlaces = Self.places(of: products)
    }

    private static func places(of products: [Product]) -> InlineArray<32, UInt8> {
        var places = InlineArray<32, UInt8>(repeating: 0)
        let numbers = products.indices.sorted { products[$0].text < products[$1].text }
        for (place, number) in numbers.enumerated() { places[number + 1] = UInt8(place + 1) }
        return places
    }

    private init(from other: Setup, policy: PolicyTable, policyDigest: String) {
        self.policy = policy
        self.policyDigest = policyDigest
        surfaces = other.surfaces
        kinds = other.kinds
        products = other.products
        productPlaces = other.productPlaces
    }

    // MARK: Reading

    /// Those that some surface ranks, or has ranked.
    package var allKinds: [Kind] { kinds }

    package var allSurfaces: [Surface] { surfaces.map(\.surface) }

    /// The surface whose name the bytes are, in any case of letters.
    package func surface(named name: Span<UInt8>) -> ResolvedSurface? {
        for surface in surfaces where name.matchesIgnoringCase(surface.surface.name.text) {
            return surface
        }
        return nil
    }

    package func surface(named name: SurfaceName) -> ResolvedSurface? {
        surfaces.first { $0.surface.name == name }
    }

    /// The kind's number, when some surface ranks it.
    func number(of kind: Kind) -> UInt32? { kinds.firstIndex(of: kind).map(UInt32.init) }

    package func kind(numbered number: UInt32) -> String { kinds[Int(number)].text }

    func number(of product: Product) -> ProductNumber? {
        products.firstIndex(of: product).flatMap { ProductNumber(rawValue: UInt8($0 + 1)) }
    }

    func hasSameProducts(as other: Setup) -> Bool { products == other.products }

    /// Where the product stands in the order of names, which does not tell what came first.
    func place(of product: ProductNumber) -> UInt8 {
        Leak.internOrder.isPlanted ? product.rawValue : productPlaces[Int(product.rawValue)]
    }

    package func products(in set: ProductSet) -> [Product] {
        products.filter { number(of: $0).map(set.contains) ?? false }
    }

    package func name(of product: ProductNumber) -> Product? {
        product == .unnamed ? nil : products[Int(product.rawValue) - 1]
    }

    /// Whether a chat of the product may count on some surface, given the user's links. A product
    /// without a number is linked with none and belongs to no surface, and a surface without a
    /// product takes no chat that names one.
    func reachesSurface(_ product: Product, links: ProductSet) -> Bool {
        reachesSurface(number(of: product), links: links, policy: policy)
    }

    /// The same of a numbered product, under any policy.
    func reachesSurface(
        _ number: ProductNumber?, links: ProductSet, policy: PolicyTable
    ) -> Bool {
        guard let number else { return false }
        let links = policy.counted(links)
        return surfaces.contains { surface in
            guard let own = surface.product else { return false }
            return own == number || (links.contains(own) && links.contains(number))
        }
    }

    // MARK: Changing

    /// The setup with another policy.
    func setting(_ policy: PolicyTable, digest: String) -> Setup {
        Setup(from: self, policy: policy, policyDigest: digest)
    }

    /// The setup with a product that it knows.
    func adding(_ product: Product) throws(EngineError) -> Setup {
        guard number(of: product) == nil else { return self }
        guard products.count + 1 < Limits.productsMax else {
            throw .full(what: "products", limit: Limits.productsMax - 1)
        }
        return Setup(from: self, surfaces: surfaces, kinds: kinds, products: products + [product])
    }

    /// The setup with the surface in it, in the place of one of the same name.
    func setting(_ surface: Surface, hasTaste: Bool) throws(EngineError) -> Setup {
        guard !surface.kinds.isEmpty else {
            throw .surfaceWithoutKinds(surface.name.text)
        }
        var kinds = kinds
        for kind in surface.kinds where !kinds.contains(kind) { kinds.append(kind) }
        guard kinds.count <= Limits.kindsMax else {
            throw .full(what: "kinds", limit: Limits.kindsMax)
        }
        let base = try surface.product.map(adding) ?? self
        let mask = surface.kinds.reduce(into: UInt32(0)) { mask, kind in
            if let number = kinds.firstIndex(of: kind) { mask |= 1 << UInt32(number) }
        }
        let resolved = ResolvedSurface(
            surface, kinds: mask, product: surface.product.flatMap(base.number(of:)),
            hasTaste: hasTaste)
        var surfaces = base.surfaces
        if let index = surfaces.firstIndex(where: { $0.surface.name == surface.name }) {
            surfaces[index] = resolved
        } else {
            guard surfaces.count < Limits.surfacesMax else {
                throw .full(what: "surfaces", limit: Limits.surfacesMax)
            }
            surfaces.append(resolved)
        }
        return Setup(from: base, surfaces: surfaces, kinds: kinds, products: base.products)
    }
}
