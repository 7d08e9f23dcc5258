import Domain

/// How an operator bids.
package struct BidSettings: Sendable, Equatable {
    /// What of `tmax` is left to the network, in milliseconds.
    package var marginMilliseconds = 30
    /// Whether personal signals may be used where the GDPR applies: the operator vouches for consent.
    package var allowsGDPR = false
    /// Of the items' bids, by its three letters of ISO 4217.
    package var currency = "USD"
    /// The bidder's name on the exchange.
    package var seat = "cairn"

    package init() {}
}
