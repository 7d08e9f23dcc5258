import Domain
import Policy
import Testing

/// A user in a request, all in order unless a case says otherwise, and what becomes of a held chat.
/// Times are milliseconds from the effective date.
struct UseCase: CustomTestStringConvertible, Sendable {
    let name: String
    var now = "US"
    var restriction: String?
    /// Where the user was, from when on.
    var history: [(from: Int64, region: String)] = [(0, "US")]
    var notice: Int64? = 0
    var links: UInt32 = 0
    var product: UInt8?
    var source: UInt8 = 0
    var at: Int64 = 0
    let gate: Gate?
    var testDescription: String { name }
}

@Suite("Chats that are held, in a request")
struct ChatUseTests {
    private static let effective = PolicyTable.announced.effective.milliseconds

    static let cases = [
        UseCase(name: "all is well", gate: nil),
        UseCase(name: "in an excluded region now", now: "KR", gate: .region),
        UseCase(name: "nowhere now", now: "unknown", gate: .region),
        UseCase(
            name: "the request comes from an excluded region", restriction: "FR", gate: .region),
        UseCase(name: "the request comes from another region", restriction: "CA", gate: nil),
        UseCase(name: "no region was ever known", history: [], gate: .region),
        UseCase(
            name: "said a moment before the move", history: [(0, "US"), (10, "FR"), (20, "US")],
            at: 9, gate: nil),
        UseCase(
            name: "said with the move", history: [(0, "US"), (10, "FR"), (20, "US")], at: 10,
            gate: .region),
        UseCase(
            name: "said a moment before the return", history: [(0, "US"), (10, "FR"), (20, "US")],
            at: 19, gate: .region),
        UseCase(
            name: "said with the return", history: [(0, "US"), (10, "FR"), (20, "US")], at: 20,
            gate: nil),
        UseCase(
            name: "the first region holds backwards", history: [(10, "GB"), (20, "US")], at: 0,
            gate: .region),
        UseCase(
            name: "an unknown stretch", history: [(0, "US"), (10, "unknown")], at: 10,
            gate: .region),
        UseCase(name: "as the policy took effect", notice: -1, at: 0, gate: nil),
        UseCase(name: "a moment before it did", notice: -1, at: -1, gate: .effective),
        UseCase(name: "with the notice", notice: 5, at: 5, gate: nil),
        UseCase(name: "a moment before the notice", notice: 5, at: 4, gate: .notice),
        UseCase(name: "no notice", notice: nil, gate: .notice),
        UseCase(name: "the surface's own product", product: 2, source: 2, gate: nil),
        UseCase(name: "no product named", product: 2, source: 0, gate: nil),
        UseCase(name: "another product", product: 2, source: 1, gate: .link),
        UseCase(name: "a surface without a product", links: 6, source: 1, gate: .link),
        UseCase(name: "no product on either side", source: 0, gate: nil),
        UseCase(name: "another product, one linked", links: 2, product: 2, source: 1, gate: .link),
        UseCase(name: "another product, linked", links: 6, product: 2, source: 1, gate: nil),
        UseCase(
            name: "everything at once", now: "KR", notice: nil, product: 2, source: 1, at: -1,
            gate: .region),
    ]

    private func use(_ user: UseCase, policy: PolicyTable = .announced) throws -> ChatUse {
        var regions = RegionHistory()
        for period in user.history {
            regions.append(
                from: try time(period.from), try Region(period.region), policy: policy)
        }
        return ChatUse(
            policy: policy, region: try Region(user.now),
            restriction: try user.restriction.map { try Region($0) }, regions: regions,
            notice: try user.notice.map(time),
            product: user.product.flatMap(ProductNumber.init(rawValue:)),
            links: ProductSet(rawValue: user.links))
    }

    private func time(_ milliseconds: Int64) throws -> Timestamp {
        try Timestamp(milliseconds: Self.effective + milliseconds)
    }

    @Test("count, or are kept out by the first gate that applies", arguments: cases)
    func gate(user: UseCase) throws {
        let source = try #require(ProductNumber(rawValue: user.source))
        let use = try use(user)
        #expect(use.gate(of: source, at: try time(user.at)) == user.gate)
        if let closing = use.closingGate {
            #expect(use.gate(of: source, at: try time(1_000_000)) == closing)
        }
    }

    @Test("follow a stricter policy")
    func stricter() throws {
        let announced = PolicyTable.announced
        let policy = try PolicyTable(
            effective: try time(100),
            excludedRegions: announced.excludedRegions.union([try Region("CA")]),
            crossing: .never)
        let unnamed = ProductNumber.unnamed
        let one = try #require(ProductNumber(rawValue: 1))
        var user = UseCase(
            name: "", history: [(0, "CA"), (200, "US")], links: 6, product: 2, gate: nil)
        #expect(try use(user, policy: policy).gate(of: unnamed, at: time(199)) == .region)
        #expect(try use(user, policy: policy).gate(of: unnamed, at: time(200)) == nil)
        user.history = [(0, "US")]
        #expect(try use(user, policy: policy).gate(of: unnamed, at: time(99)) == .effective)
        #expect(try use(user, policy: policy).gate(of: unnamed, at: time(100)) == nil)
        #expect(try use(user, policy: policy).gate(of: one, at: time(100)) == .link)
        #expect(try use(user).gate(of: one, at: time(100)) == nil)
    }

    @Test("a set of gates holds what was put in")
    func gateSet() {
        var set = GateSet()
        #expect(set.isEmpty)
        for (index, gate) in Gate.allCases.enumerated() {
            #expect(!set.contains(gate))
            set.insert(gate)
            #expect(Gate.allCases.count(where: set.contains) == index + 1)
        }
        var other = GateSet()
        other.formUnion(set)
        #expect(other == set && !other.isEmpty)
    }
}
