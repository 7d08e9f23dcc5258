import Domain
import Testing

@Suite("Regions that must exist")
struct CountryTests {
    @Test("are the countries of ISO 3166, in either case", arguments: ["FR", "ch", "UK", "XK"])
    func good(_ code: String) throws {
        #expect(try Region(country: code) == Region(code))
    }

    @Test("are no other letters", arguments: ["EL", "EU", "XX", "ZZ", "FRA", "F", "", "F1"])
    func bad(_ code: String) {
        #expect(throws: DomainError.self) { try Region(country: code) }
    }

    @Test("are never unknown")
    func unknown() {
        #expect(throws: DomainError.country("unknown")) { try Region(country: "unknown") }
        #expect(DomainError.country("XX").message == "'XX' is no country of ISO 3166")
    }

    @Test("are 250")
    func count() { #expect(Region.countries.count == 250) }
}
