import Domain
import Testing

@Test("the limits do not contradict each other")
func limitsAgree() {
    Limits.check()
}
