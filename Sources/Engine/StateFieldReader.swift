import Domain
import Policy

/// The setup and single fields of a state's preamble from bytes; what cannot be is an error with its
/// place, and every value passes the checks of its type.
struct StateFieldReader {
    private let bytes: [UInt8]
    private var position: Int

    init(_ bytes: [UInt8], from position: Int) {
        self.bytes = bytes
        self.position = position
    }

    var isAtEnd: Bool { position == bytes.count }

    func damage(_ reason: String) -> StateError { .damaged(reason, offset: UInt64(position)) }

    mutating func number(bytes count: Int) throws(StateError) -> UInt64 {
        guard position + count <= bytes.count else { throw damage("the preamble ends early") }
        defer { position += count }
        return (0..<count).reduce(0) { $0 | UInt64(bytes[position + $1]) << UInt64(8 * $1) }
    }

    mutating func count(max limit: Int) throws(StateError) -> Int {
        let number = try number(bytes: 8)
        guard number <= UInt64(limit) else { throw damage("\(number) is more than \(limit)") }
        return Int(number)
    }

    private mutating func integer() throws(StateError) -> Int64 {
        Int64(bitPattern: try number(bytes: 8))
    }

    private mutating func double() throws(StateError) -> Double {
        Double(bitPattern: try number(bytes: 8))
    }

    mutating func text() throws(StateError) -> String {
        let count = Int(try number(bytes: 4))
        guard count <= bytes.count - position else { throw damage("the preamble ends early") }
        defer { position += count }
        guard let text = String(validating: bytes[position..<position + count], as: UTF8.self)
        else { throw damage("a text is not UTF-8") }
        return text
    }

    private mutating func texts() throws(StateError) -> [String] {
        var texts: [String] = []
        for _ in 0..<(try number(bytes: 4)) { texts.append(try text()) }
        return texts
    }

    /// The values of words of the domain, which check themselves.
    private mutating func words<Value>(
        _ read: (String) throws(DomainError) -> Value
    ) throws(StateError) -> [Value] {
        var values: [Value] = []
        for text in try texts() {
            values.append(try checked { () throws(DomainError) in try read(text) })
        }
        return values
    }

    private func checked<Value>(
        _ make: () throws(DomainError) -> Value
    ) throws(StateError) -> Value {
        do throws(DomainError) { return try make() } catch { throw damage(error.message) }
    }

    mutating func setup(hasTaste: Bool) throws(StateError) -> Setup {
        let digest = try text()
        let policy = try policy()
        let kinds = try words(Kind.init)
        let products = try words(Product.init)
        guard kinds.count <= Limits.kindsMax, products.count < Limits.productsMax,
            Set(kinds).count == kinds.count, Set(products).count == products.count
        else { throw damage("too many kinds or products, or the same twice") }
        var setup = Setup(policy: policy, policyDigest: digest, kinds: kinds, products: products)
        for _ in 0..<(try number(bytes: 4)) {
            let surface = try surface()
            do throws(EngineError) {
                setup = try setup.setting(surface, hasTaste: hasTaste)
            } catch { throw damage(error.message) }
        }
        guard setup.kinds == kinds, setup.products == products else {
            throw damage("a surface has a kind or a product that is not in the list")
        }
        return setup
    }

    private mutating func policy() throws(StateError) -> PolicyTable {
        let milliseconds = try integer()
        let effective = try checked { () throws(DomainError) in
            try Timestamp(milliseconds: milliseconds)
        }
        let regions = try words { (text) throws(DomainError) in try Region(text) }
        let crossing = try text()
        let lanes = try words { (text) throws(DomainError) in try Lane(text) }
        guard let crossing = PolicyTable.ProductCrossing(rawValue: crossing) else {
            throw damage("no way to cross products is called '\(crossing)'")
        }
        do throws(PolicyLoosening) {
            return try PolicyTable(
                effective: effective, excludedRegions: Set(regions), crossing: crossing,
                contextTextLanes: Set(lanes))
        } catch { throw damage("\(error.row): \(error.reason)") }
    }

    private mutating func surface() throws(StateError) -> Surface {
        let nameText = try text()
        let name = try checked { () throws(DomainError) in try SurfaceName(nameText) }
        let laneText = try text()
        var settings: [SurfaceChange.Setting] = [
            .lane(try checked { () throws(DomainError) in try Lane(laneText) })
        ]
        let productText = try text()
        if !productText.isEmpty {
            settings.append(
                .product(try checked { () throws(DomainError) in try Product(productText) }))
        }
        settings.append(.kinds(try words(Kind.init)))
        settings.append(.bias(try double()))
        settings.append(.prior(try double()))
        settings.append(.floor(try double()))
        settings.append(.freshnessHalfLife(try integer()))
        settings.append(.fatigueHalfLife(try integer()))
        for term in Term.allCases { settings.append(.weight(term, try double())) }
        for type in SignalType.allCases { settings.append(.typeWeight(type, try double())) }
        for signals in SignalClass.allCases {
            settings.append(.halfLife(signals, try integer()))
            let shapeText = try text()
            guard let shape = Shape(rawValue: shapeText) else {
                throw damage("no shape is called '\(shapeText)'")
            }
            settings.append(.shape(signals, shape))
            settings.append(.signalCount(signals, Int(try number(bytes: 4))))
        }
        let change = try checked { () throws(DomainError) in
            try SurfaceChange(name: name, settings: settings)
        }
        return change.applied(to: Surface(name: name))
    }
}
