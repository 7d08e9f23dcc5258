/// What an ad says of itself to exchanges and publishers, who may not want everyone's.
public struct AdDeclaration: Sendable, Equatable {
    /// The advertiser's domains, in lower case.
    public var domains: [String] = []
    /// Categories by their identifiers in `taxonomy`: `IAB7-39`, `483`.
    public var categories: [String] = []
    /// By its number in the IAB's list of taxonomies.
    public var taxonomy = contentTaxonomy1
    /// Names the creative, so that whoever reviews it once knows it again.
    public var creative: CreativeID?

    /// The IAB's Content Taxonomy 1.0, in which `IAB7-39` lies within `IAB7`.
    public static let contentTaxonomy1 = 1
    public static let taxonomies = 1...65_535

    public init() {}

    /// Throws when a list is too long, or the taxonomy no number of one.
    public func check() throws(DomainError) {
        if domains.count > Limits.itemDomainsMax {
            throw .tooMany(what: "domains", limit: Limits.itemDomainsMax)
        }
        if categories.count > Limits.itemCategoriesMax {
            throw .tooMany(what: "categories", limit: Limits.itemCategoriesMax)
        }
        if !Self.taxonomies.contains(taxonomy) {
            throw .integer(
                "\(taxonomy)",
                Int64(Self.taxonomies.lowerBound)...Int64(Self.taxonomies.upperBound))
        }
    }

    /// A domain in lower case: labels of letters, digits, `-` and `_`, parted by points.
    public static func domain(_ bytes: Span<UInt8>) throws(DomainError) -> String {
        guard bytes.count <= Limits.domainBytesMax else { throw .domain(bytes.excerpt) }
        let text = String(repairing: bytes).lowercased()
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        let isDomain = labels.allSatisfy { label in
            !label.isEmpty && label.utf8.allSatisfy { isWordByte($0) || $0 == UInt8(ascii: "_") }
        }
        guard isDomain else { throw .domain(bytes.excerpt) }
        return text
    }

    /// The identifier of a category: letters, digits and `-`.
    public static func category(_ bytes: Span<UInt8>) throws(DomainError) -> String {
        let text = String(repairing: bytes)
        guard (1...Limits.categoryBytesMax).contains(bytes.count),
            text.utf8.allSatisfy(isWordByte)
        else { throw .category(bytes.excerpt) }
        return text
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte.asciiLower {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
