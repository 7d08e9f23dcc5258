import Domain

/// Which ads a publisher does not want: categories, advertisers, languages.
///
/// An ad that does not say what the publisher asks about is not offered: no one could tell.
package struct PublisherWishes: Sendable, Equatable {
    private let blockedCategories: Set<String>
    private let allowedCategories: Set<String>
    private let taxonomy: Int
    private let blockedDomains: Set<String>
    private let languages: [Language]

    init(_ request: BidRequest) {
        blockedCategories = Set(request.blockedCategories)
        allowedCategories = Set(request.allowedCategories)
        taxonomy = request.taxonomy
        blockedDomains = Set(request.blockedDomains.map { $0.lowercased() })
        languages = request.languages
    }

    /// Whether the publisher wants an ad that says this of itself, in these languages; an ad without
    /// languages is in all of them.
    package func admit(_ declaration: AdDeclaration, languages: [Language]) -> Bool {
        admitLanguages(languages) && admitDomains(declaration.domains)
            && admitCategories(of: declaration)
    }

    private func admitLanguages(_ given: [Language]) -> Bool {
        languages.isEmpty || given.isEmpty || given.contains(where: languages.contains)
    }

    /// A domain is blocked with all that lie within it.
    private func admitDomains(_ domains: [String]) -> Bool {
        guard !blockedDomains.isEmpty else { return true }
        return !domains.isEmpty && !domains.contains(where: isBlocked)
    }

    private func isBlocked(_ domain: String) -> Bool {
        if blockedDomains.contains(domain) { return true }
        var rest = domain[...]
        while let point = rest.firstIndex(of: ".") {
            rest = rest[rest.index(after: point)...]
            if blockedDomains.contains(String(rest)) { return true }
        }
        return false
    }

    private func admitCategories(of declaration: AdDeclaration) -> Bool {
        if blockedCategories.isEmpty && allowedCategories.isEmpty { return true }
        let categories = declaration.categories
        guard declaration.taxonomy == taxonomy, !categories.isEmpty else { return false }
        guard !categories.contains(where: { contains(blockedCategories, $0) }) else { return false }
        return allowedCategories.isEmpty
            || categories.contains { contains(allowedCategories, $0) }
    }

    /// Whether a set has the category, or the one that it lies within.
    private func contains(_ set: Set<String>, _ category: String) -> Bool {
        if set.contains(category) { return true }
        guard taxonomy == AdDeclaration.contentTaxonomy1,
            let hyphen = category.firstIndex(of: "-")
        else { return false }
        return set.contains(String(category[..<hyphen]))
    }
}
