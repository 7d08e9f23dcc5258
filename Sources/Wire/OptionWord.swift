/// The words that introduce an option of a command.
enum OptionWord: String, Sendable, CaseIterable {
    case advertiserDomain = "ADOMAIN"
    case all = "ALL"
    case at = "AT"
    case author = "AUTHOR"
    case authenticate = "AUTH"
    case bias = "BIAS"
    case bid = "BID"
    case budget = "BUDGET"
    case category = "CAT"
    case categoryTaxonomy = "CATTAX"
    case context = "CONTEXT"
    case created = "CREATED"
    case creative = "CRID"
    case expires = "EXPIRES"
    case floor = "FLOOR"
    case format = "FORMAT"
    case full = "FULL"
    case halfLife = "HALFLIFE"
    case id = "ID"
    case item = "ITEM"
    case items = "ITEMS"
    case kind = "KIND"
    case kinds = "KINDS"
    case lane = "LANE"
    case lang = "LANG"
    case langs = "LANGS"
    case links = "LINKS"
    case modality = "MODALITY"
    case notice = "NOTICE"
    case packed = "PACKED"
    case prior = "PRIOR"
    case product = "PRODUCT"
    case region = "REGION"
    case regions = "REGIONS"
    case sensitive = "SENSITIVE"
    case setName = "SETNAME"
    case shape = "SHAPE"
    case signals = "SIGNALS"
    case signalVector = "SIGNALVECTOR"
    case surface = "SURFACE"
    case text = "TEXT"
    case top = "TOP"
    case topic = "TOPIC"
    case topics = "TOPICS"
    case type = "TYPE"
    case vector = "VECTOR"
    case weight = "WEIGHT"

    /// An option, and its bit in a set of options.
    struct Entry {
        let option: OptionWord
        let bit: UInt64
    }

    /// Finds the option that bytes name, in any case.
    static let index = WordIndex(
        allCases.enumerated().map { ($1.rawValue, Entry(option: $1, bit: 1 << UInt64($0))) })
}
