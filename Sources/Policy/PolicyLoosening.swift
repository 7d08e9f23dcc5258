import Domain

/// A row that would say less than was announced, and why it cannot.
public struct PolicyLoosening: Error, Sendable, Equatable {
    /// As the file names it: `regions.excluded`.
    public let row: String
    public let reason: String

    /// - Parameter rule: The announced rule that would be broken, as half a sentence.
    init(_ row: String, _ what: String, _ rule: String) {
        self.row = row
        reason = "\(what) would loosen the announced rule: \(rule)"
    }
}

extension PolicyTable {
    /// Throws for the first row that says less than the announced table.
    func check() throws(PolicyLoosening) {
        let announced = Self.announced
        guard effective >= announced.effective else {
            throw PolicyLoosening(
                "effective.from", "\(effective)",
                "chat of before \(announced.effective) never counts")
        }
        let missing = announced.excludedRegions.subtracting(excludedRegions)
        guard missing.isEmpty else {
            let names = missing.map(\.description).sorted().joined(separator: ", ")
            throw PolicyLoosening(
                "regions.excluded", "to leave out \(names)",
                "chat of users in the EU, GB and KR counts nowhere")
        }
        guard contextTextLanes.isSuperset(of: announced.contextTextLanes) else {
            throw PolicyLoosening(
                "every_way_in.context_text", "to leave out ads",
                "text of a context passes the walls of a chat on ads")
        }
    }
}
