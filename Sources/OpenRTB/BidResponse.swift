import Domain

/// An answer to a bid request that has a body: bids, or the reason for none.
package struct BidResponse: Sendable, Equatable {
    package struct Bid: Sendable, Equatable {
        /// The impression that it is for.
        package let impressionID: String
        /// Per thousand, in the currency of the response.
        package let price: Double
        package let item: String
        package let declaration: AdDeclaration

        package init(
            impressionID: String, price: Double, item: String, declaration: AdDeclaration
        ) {
            self.impressionID = impressionID
            self.price = price
            self.item = item
            self.declaration = declaration
        }
    }

    /// Why there is no bid, by its number in the IAB's list.
    package enum NoBidReason: Int, Sendable {
        case technicalError = 1
        /// What `tmax` leaves is too short.
        case insufficientTime = 15
    }

    package enum Content: Sendable, Equatable {
        /// At least one.
        case bids([Bid])
        case none(NoBidReason)
    }

    /// The request's.
    package let id: String
    package let content: Content
    /// The share of the ads that was looked at in time.
    package let coverage: Double

    package init(id: String, content: Content, coverage: Double = 1) {
        self.id = id
        self.content = content
        self.coverage = coverage
    }

    /// The price per thousand of a value in micros per impression.
    package static func price(ofMicros value: Double) -> Double { value * 1_000 / 1_000_000 }
}

extension BidResponse {
    /// Appends the response as JSON. Bids are numbered from 1 and name the item as `adid`;
    /// `ext.coverage` is there only when time did not suffice for all ads.
    ///
    /// - Parameter clock: Tells apart the responses to one request; the name of the response.
    package func write(settings: BidSettings, clock: Timestamp, to output: inout [UInt8]) {
        var json = JSONText(output)
        output = []  // no storage: the text has one owner while it grows
        json.append("{\"id\":")
        json.append(string: id)
        switch content {
        case .bids(let bids):
            json.append(",\"seatbid\":[{\"seat\":")
            json.append(string: settings.seat)
            json.append(",\"bid\":[")
            for (index, bid) in bids.enumerated() {
                if index > 0 { json.append(",") }
                bid.write(number: index + 1, to: &json)
            }
            json.append("]}],\"bidid\":")
            json.append(string: "\(id)-\(clock.milliseconds)")
            json.append(",\"cur\":")
            json.append(string: settings.currency)
        case .none(let reason):
            json.append(",\"seatbid\":[],\"nbr\":")
            json.append(integer: reason.rawValue)
        }
        if coverage < 1 {
            json.append(",\"ext\":{\"coverage\":")
            json.append(number: coverage)
            json.append("}")
        }
        json.append("}")
        output = json.bytes
    }
}

extension BidResponse.Bid {
    fileprivate func write(number: Int, to json: inout JSONText) {
        json.append("{\"id\":")
        json.append(string: "\(number)")
        json.append(",\"impid\":")
        json.append(string: impressionID)
        json.append(",\"price\":")
        json.append(number: price)
        json.append(",\"adid\":")
        json.append(string: item)
        if !declaration.domains.isEmpty {
            json.append(",\"adomain\":")
            json.append(strings: declaration.domains)
        }
        if let creative = declaration.creative {
            json.append(",\"crid\":")
            json.append(string: creative.text)
        }
        if !declaration.categories.isEmpty {
            json.append(",\"cat\":")
            json.append(strings: declaration.categories)
            if declaration.taxonomy != AdDeclaration.contentTaxonomy1 {
                json.append(",\"cattax\":")
                json.append(integer: declaration.taxonomy)
            }
        }
        json.append("}")
    }
}
