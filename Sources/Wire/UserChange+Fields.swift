import Domain

/// What `USER.SET` and its JSON form say of a user.
extension UserChange {
    /// As JSON names them.
    enum Field: String {
        case region, notice, links, language, at

        /// The field that an option of `USER.SET` gives, if any.
        init?(_ option: OptionWord) {
            switch option {
            case .region: self = .region
            case .notice: self = .notice
            case .links: self = .links
            case .lang: self = .language
            case .at: self = .at
            default: return nil
            }
        }
    }

    mutating func read<Source: FieldSource & ~Escapable>(
        _ field: Field, from source: inout Source
    ) throws(Source.Failure) {
        switch field {
        case .region: region = try source.string(Region.init(bytes:))
        case .notice: notice = try source.time()
        case .links:
            links = try source.list(
                of: "products", limit: Limits.productsMax, Product.init(bytes:))
        case .language: language = try source.string(Language.init(bytes:))
        case .at: at = try source.time()
        }
    }
}
