/// Why a signal is not used: the first gate that applies, in the order of the cases.
///
/// The words are what `SIGNAL` answers after `IGNORED`.
public enum Gate: String, Sendable, CaseIterable, Comparable {
    /// The same event was taken before.
    case duplicate
    /// The user was in an excluded or unknown region when it happened.
    case region
    /// It happened before the effective date of the policy.
    case effective
    /// It happened before the user's notice was recorded, or no notice is.
    case notice
    /// No surface may use it: the accounts of the two products are not linked.
    case link
    /// The language is not known well enough to tell what the text is about.
    case language
    /// It is about a sensitive topic.
    case sensitive
    /// It is about no topic of the closed list.
    case noTopic = "no-topic"

    private var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    public static func < (left: Gate, right: Gate) -> Bool { left.order < right.order }
}
