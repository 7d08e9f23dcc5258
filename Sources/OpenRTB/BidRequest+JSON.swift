import Domain

extension BidRequest {
    /// Reads a request. Unknown fields, and whatever an `ext` holds, make no difference.
    package static func read(
        _ text: Span<UInt8>, with parser: inout JSONParser
    ) throws(BidRequestError) -> BidRequest {
        try parser.read(text) { (json) throws(BidRequestError) in try BidRequest(json) }
    }

    private init(_ json: JSONValue) throws(BidRequestError) {
        try json.checkObject()
        id = try json.requiredText("id")
        var impressions: [Impression] = []
        try json.forEach("imp", countMax: Limits.bidImpressionsMax) {
            (value) throws(BidRequestError) in impressions.append(try Impression(value))
        }
        guard !impressions.isEmpty else {
            throw .field(pointer: "/imp", reason: "expected at least one impression")
        }
        self.impressions = impressions
        auction = try json.integer("at", in: 0...Int(Int32.max))
        millisecondsMax = try json.integer("tmax", in: 0...Int(Int32.max))
        currencies = try json.texts("cur")
        isTest = try json.flag("test") ?? false
        user = try json.object("user", User.init(_:)) ?? User()
        device = try json.object("device", Device.init(_:)) ?? Device()
        regulations = try json.object("regs", Regulations.init(_:)) ?? Regulations()
        blockedCategories = try json.texts("bcat")
        allowedCategories = try json.texts("acat")
        taxonomy = try json.taxonomy()
        blockedDomains = try json.texts("badv")
        blockedApps = try json.texts("bapp")
        allowedSeats = try json.texts("wseat")
        blockedSeats = try json.texts("bseat")
        let twoLetters = try json.texts("wlang")
        let tags = try json.texts("wlangb")
        languages = (twoLetters.isEmpty ? tags : twoLetters).map(Language.init(understanding:))
        place = try Place(json)
    }
}

extension BidRequest.Impression {
    fileprivate init(_ json: JSONValue) throws(BidRequestError) {
        try json.checkObject()
        id = try json.requiredText("id")
        tag = try json.text("tagid")
        floor = try json.amount("bidfloor") ?? 0
        floorCurrency = try json.text("bidfloorcur") ?? floorCurrency
        if try json.hasObject("banner") { formats.insert(.banner) }
        if try json.hasObject("video") { formats.insert(.video) }
        if try json.hasObject("native") { formats.insert(.native) }
        if try json.hasObject("audio") { formats.insert(.audio) }
        let isPrivate = try json.object("pmp") { (deals) throws(BidRequestError) in
            try deals.flag("private_auction") ?? false
        }
        self.isPrivate = isPrivate ?? false
    }
}

extension BidRequest.User {
    fileprivate init(_ json: JSONValue) throws(BidRequestError) {
        id = try json.text("id")
        buyerID = try json.text("buyeruid")
        region = try json.region()
    }
}

extension BidRequest.Device {
    fileprivate init(_ json: JSONValue) throws(BidRequestError) {
        region = try json.region()
        language = try json.language()
        let doNotTrack = try json.flag("dnt") ?? false
        let limitTracking = try json.flag("lmt") ?? false
        asksNotToTrack = doNotTrack || limitTracking
    }
}

extension BidRequest.Regulations {
    /// `gdpr` and `us_privacy` stood in `ext` before 2.6, and `gpp` before it had a place. The newer
    /// place is believed, but a GDPR that either speaks of applies.
    fileprivate init(_ json: JSONValue) throws(BidRequestError) {
        isForChildren = try json.flag("coppa") ?? false
        try read(json)
        _ = try json.object("ext") { (ext) throws(BidRequestError) in try read(ext) }
    }

    private mutating func read(_ json: JSONValue) throws(BidRequestError) {
        let isUnderGDPR = try json.flag("gdpr") ?? false
        self.isUnderGDPR = self.isUnderGDPR || isUnderGDPR
        let gpp = try json.text("gpp", bytesMax: Limits.textBytesMax)
        self.gpp = self.gpp ?? gpp
        let usPrivacy = try json.text("us_privacy")
        self.usPrivacy = self.usPrivacy ?? usPrivacy
        var sections: [Int] = []
        let isGiven = try json.forEach("gpp_sid", countMax: Limits.bidListMax) {
            (value) throws(BidRequestError) in
            sections.append(try value.integer(in: -1...Int(Int32.max)))
        }
        if isGiven { gppSections = gppSections ?? sections }
    }
}

extension BidRequest.Place {
    /// The first that the request has of the three.
    fileprivate init?(_ json: JSONValue) throws(BidRequestError) {
        let site = try json.object("site") { (value) throws(BidRequestError) in
            try Self(.site, value)
        }
        let app = try json.object("app") { (value) throws(BidRequestError) in
            try Self(.app, value)
        }
        let outdoors = try json.object("dooh") { (value) throws(BidRequestError) in
            try Self(.outdoors, value)
        }
        guard let place = site ?? app ?? outdoors else { return nil }
        self = place
    }

    private init(_ kind: Kind, _ json: JSONValue) throws(BidRequestError) {
        self.kind = kind
        name = try json.text("name", bytesMax: Limits.textBytesMax)
        domain = try json.text("domain")
        keywords = try json.keywords()
        categories = try json.texts("cat")
        categories += try json.texts("sectioncat")
        categories += try json.texts("pagecat")
        taxonomy = try json.taxonomy()
        content = try json.object("content", BidRequest.Content.init(_:)) ?? content
    }
}

extension BidRequest.Content {
    fileprivate init(_ json: JSONValue) throws(BidRequestError) {
        title = try json.text("title", bytesMax: Limits.textBytesMax)
        keywords = try json.keywords()
        categories = try json.texts("cat")
        taxonomy = try json.taxonomy()
        language = try json.language()
        context = try json.integer("context", in: 0...Int(Int32.max))
    }
}

extension JSONValue {
    /// `cattax`; absent means Content Taxonomy 1.0.
    fileprivate func taxonomy() throws(BidRequestError) -> Int {
        try integer("cattax", in: AdDeclaration.taxonomies) ?? AdDeclaration.contentTaxonomy1
    }

    /// `language`, of two letters, else `langb`, a tag of BCP 47.
    fileprivate func language() throws(BidRequestError) -> Language? {
        let letters = try text("language")
        let tag = try text("langb")
        return (letters ?? tag).map(Language.init(understanding:))
    }

    /// `keywords`, parted by commas, or `kwarray`.
    fileprivate func keywords() throws(BidRequestError) -> [String] {
        let list = try texts("kwarray", bytesMax: Limits.textBytesMax)
        guard let text = try text("keywords", bytesMax: Limits.textBytesMax) else { return list }
        return list + text.split(separator: ",").map { $0.trimmed }.filter { !$0.isEmpty }
    }

    /// `geo.country`, three letters; what is no country is an unknown region.
    fileprivate func region() throws(BidRequestError) -> Region? {
        try object("geo") { (geo) throws(BidRequestError) in
            try geo.text("country").map(Region.init(threeLetters:))
        } ?? nil
    }
}

extension Substring {
    fileprivate var trimmed: String {
        let start = drop { $0 == " " }
        return String(start.reversed().drop { $0 == " " }.reversed())
    }
}

extension Language {
    /// A language by its code, with or without a region; `unknown` when that is not understood.
    fileprivate init(understanding text: String) {
        self = (try? Language(text)) ?? .unknown
    }
}
