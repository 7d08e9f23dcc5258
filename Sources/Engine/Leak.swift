/// Faults that let what is kept out reach an ad. The proof must find every one of them.
///
/// `tools/test-leaks` builds with them (`CAIRN_LEAKS=1` in Package.swift) and plants one at a time.
/// In every other build none can be planted, and what they would do is not compiled.
package enum Leak: String, Sendable, CaseIterable {
    case sharedScale = "masked chats share the scale of the weights"
    case sensitiveEvicts = "a sensitive entry evicts a normal one"
    case lastActive = "the last active time feeds the decay"
    case counterBreaksTies = "a counter of blocked signals breaks ties"
    case exposuresFeedPrior = "exposures behind a sensitive chat feed the prior"
    case labelAfterIngest = "a label is raised after the chat was kept"
    case cachedExplain = "an explanation is cached"
    case internOrder = "a blocked chat's product gets a number, and numbers give the order"
    case regionOnlyAtIngest = "the region is checked only when a chat comes"
    case regionOnlyAtRequest = "the region is checked only when something is ranked"
    case effectiveOffByOne = "a chat of one millisecond before the effective instant counts"
    case voiceSkipsGate = "what is spoken skips the sensitive gate"
    case policyOnHalf = "a policy reaches half of the shards"
    case dedupeRemembers = "the dedupe set remembers a blocked event"
    case memoryInReply = "a reply tells the memory in use"
    case flaggedEvicts = "a like of a flagged item evicts one of another"
    case noReserve = "a ring that is full forgets what it drops, so no retraction brings it back"

    #if PLANTED_LEAKS
        nonisolated(unsafe) private static var planted: Leak?
        nonisolated(unsafe) private static var count = 0

        /// Plants a leak in the place of another, between runs and on one thread.
        package static func plant(_ leak: Leak?) { unsafe planted = leak }

        var isPlanted: Bool { unsafe Self.planted == self }

        /// What `counterBreaksTies` and `exposuresFeedPrior` have counted before the request in hand.
        static var counted: Int {
            get { unsafe count }
            set { unsafe count = newValue }
        }
    #else
        static var counted: Int { 0 }
        var isPlanted: Bool { false }
    #endif
}
