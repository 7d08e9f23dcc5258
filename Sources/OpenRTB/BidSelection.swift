import Domain

/// Gives the best ads to the impressions of a request: ads come best first, and each goes to the first
/// impression in the request's order that is free and whose floor it reaches.
package struct BidSelection {
    private let plan: BidPlan
    /// One a slot.
    private var taken: [BidResponse.Bid?]
    private var freeCount: Int
    /// The lowest floor of a free slot, per thousand.
    private var lowestFloor = 0.0

    package init(_ plan: BidPlan) {
        self.plan = plan
        taken = Array(repeating: nil, count: plan.slots.count)
        freeCount = plan.slots.count
        setLowestFloor()
    }

    /// No further ad, which is worth no more than those before, can be given to any impression.
    package private(set) var isComplete = false

    /// In the order of the request's impressions.
    package var bids: [BidResponse.Bid] { taken.compactMap { $0 } }

    /// Takes an ad that is worth no more than the one before, if an impression has room for it and the
    /// publisher wants it.
    ///
    /// - Parameters:
    ///   - micros: Its value for one impression.
    ///   - declared: What it says of itself; asked only when it would fit.
    package mutating func offer(
        _ item: Span<UInt8>, micros: Double,
        declared: () -> (declaration: AdDeclaration, languages: [Language])?
    ) {
        guard !isComplete else { return }
        let price = BidResponse.price(ofMicros: micros)
        guard price > 0, price >= lowestFloor else {
            isComplete = true
            return
        }
        guard let slot = taken.indices.first(where: { taken[$0] == nil && price >= floor(of: $0) }),
            let ad = declared(), plan.wishes.admit(ad.declaration, languages: ad.languages)
        else { return }
        taken[slot] = BidResponse.Bid(
            impressionID: plan.slots[slot].id, price: price, item: String(repairing: item),
            declaration: ad.declaration)
        freeCount -= 1
        setLowestFloor()
    }

    private func floor(of slot: Int) -> Double {
        Double(plan.slots[slot].floorMicros) / 1_000_000
    }

    private mutating func setLowestFloor() {
        isComplete = freeCount == 0
        let free = taken.indices.filter { taken[$0] == nil }
        lowestFloor = free.map(floor(of:)).min() ?? 0
    }
}
