import Domain

/// What Cairn uses of an OpenRTB 2.6 bid request (and of 2.5, which it grew from): nothing else of it
/// is kept. `user.yob` and `user.gender` are not read.
///
/// Strings are as they came; whether a language or a country is known is decided here, so what is
/// not understood is `unknown`, never missing.
package struct BidRequest: Sendable, Equatable {
    package var id: String
    /// `imp`: at least one.
    package var impressions: [Impression]
    /// `at`: 1 is first price, 2 second price.
    package var auction: Int?
    /// `tmax`, in milliseconds.
    package var millisecondsMax: Int?
    /// `cur`: the currencies that a bid may be in; empty when it does not say.
    package var currencies: [String] = []
    package var isTest = false
    package var user = User()
    package var device = Device()
    package var regulations = Regulations()
    /// `bcat` and `acat`, in the taxonomy `cattax`.
    package var blockedCategories: [String] = []
    package var allowedCategories: [String] = []
    package var taxonomy = AdDeclaration.contentTaxonomy1
    /// `badv` and `bapp`.
    package var blockedDomains: [String] = []
    package var blockedApps: [String] = []
    /// `wseat` and `bseat`.
    package var allowedSeats: [String] = []
    package var blockedSeats: [String] = []
    /// `wlang`, else `wlangb`: the languages that an ad may be in; empty is any.
    package var languages: [Language] = []
    /// `site`, `app` or `dooh`.
    package var place: Place?

    package init(id: String, impressions: [Impression]) {
        self.id = id
        self.impressions = impressions
    }

    package struct Impression: Sendable, Equatable {
        package var id: String
        package var tag: String?
        /// `bidfloor`, in `bidfloorcur` per thousand.
        package var floor = 0.0
        package var floorCurrency = "USD"
        package var formats: Formats = []
        /// `pmp.private_auction`: only bids for its deals are taken.
        package var isPrivate = false

        package init(id: String) { self.id = id }
    }

    package struct Formats: OptionSet, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        package static let banner = Formats(rawValue: 1)
        package static let video = Formats(rawValue: 2)
        package static let native = Formats(rawValue: 4)
        package static let audio = Formats(rawValue: 8)
    }

    package struct User: Sendable, Equatable {
        package var id: String?
        package var buyerID: String?
        /// `geo.country`; `nil` when it does not say.
        package var region: Region?
    }

    package struct Device: Sendable, Equatable {
        package var region: Region?
        /// `language`, else `langb`.
        package var language: Language?
        /// `dnt` or `lmt`: the person's device asks not to be tracked.
        package var asksNotToTrack = false
    }

    /// What the law, or the person by way of it, says about personal data.
    package struct Regulations: Sendable, Equatable {
        package var isForChildren = false
        package var isUnderGDPR = false
        package var gpp: String?
        /// `gpp_sid`: the sections of `gpp` that apply; `nil` when it does not say.
        package var gppSections: [Int]?
        package var usPrivacy: String?
    }

    /// Where the ad would be seen, and amid what.
    package struct Place: Sendable, Equatable {
        package enum Kind: Sendable { case site, app, outdoors }

        package var kind: Kind
        package var name: String?
        package var domain: String?
        package var keywords: [String] = []
        /// `cat`, `sectioncat` and `pagecat`, in the taxonomy `taxonomy`.
        package var categories: [String] = []
        package var taxonomy = AdDeclaration.contentTaxonomy1
        package var content = Content()
    }

    package struct Content: Sendable, Equatable {
        package var title: String?
        package var keywords: [String] = []
        package var categories: [String] = []
        package var taxonomy = AdDeclaration.contentTaxonomy1
        package var language: Language?
        /// The type of content: video, game, music ...
        package var context: Int?
    }
}
