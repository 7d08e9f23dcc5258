import Policy
import Testing

@Test("gates apply in the announced order")
func gatesAreOrdered() {
    #expect(
        Gate.allCases.sorted().map(\.rawValue) == [
            "duplicate", "region", "effective", "notice", "link", "language", "sensitive",
            "no-topic",
        ])
}
