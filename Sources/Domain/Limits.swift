/// Every limit on a size, count or depth in Cairn, in one place.
///
/// A limit is named for what it bounds, with its unit last. `Limits.check()` asserts how they relate;
/// a test runs it, so that a changed number cannot contradict another.
public enum Limits {
    // MARK: Identifiers and words

    /// An item, user or event identifier, in bytes.
    public static let identifierBytesMax = 128
    /// A kind, surface, product, space or author word, in bytes.
    public static let wordBytesMax = 64
    /// The name of a topic of the closed list, in bytes.
    public static let topicBytesMax = 128
    /// The part of a peer's argument that an error message repeats, in bytes.
    public static let excerptBytesMax = 128
    /// Kinds of item that one server tells apart.
    public static let kindsMax = 32
    /// Source products that one server tells apart: a user's links are one bit each.
    public static let productsMax = 32
    /// Surfaces that one server holds.
    public static let surfacesMax = 64

    // MARK: Items

    /// The text of an item, of a context or of a signal, in bytes.
    public static let textBytesMax = 16_384
    /// Tokens of a text that the sensitive gate judges; a longer one is too long to tell.
    public static let judgedTokensMax = 512
    /// The file of a model.
    public static let modelBytesMax = 64 << 20
    /// Topics, regions or languages that one item may name.
    public static let itemTopicsMax = 16
    public static let itemRegionsMax = 256
    public static let itemLanguagesMax = 32
    /// A bid, in micros of a currency per action: a million units.
    public static let bidMicrosMax: Int64 = 1_000_000_000_000
    /// Items that one server holds; a slot number fits 32 bits with room for sentinels.
    public static let itemsMax = 1 << 28

    /// Domains and categories that one ad may declare, and the length of each, in bytes.
    public static let itemDomainsMax = 8
    public static let itemCategoriesMax = 16
    public static let domainBytesMax = 253
    public static let categoryBytesMax = 32

    // MARK: Vectors

    /// The built-in text space.
    public static let textDimension = 128
    /// The operator's taste space, smallest, default and largest.
    public static let tasteDimensionMin = 16
    public static let tasteDimensionDefault = 128
    public static let tasteDimensionMax = 256
    /// Rows are padded with zeros to a multiple of this many int8 values: one cache line.
    public static let rowPaddingBytes = 64

    // MARK: Profiles

    /// Entries that one ring of a user shows to requests: likes and the like, views, negative
    /// feedback, and the chats of one product.
    public static let behaviourRingMax = 512
    public static let viewRingMax = 128
    public static let negativeRingMax = 64
    public static let chatRingMax = 64
    /// The same about items on a sensitive matter, which have rings of their own.
    public static let flaggedBehaviourRingMax = 128
    public static let flaggedViewRingMax = 32
    public static let flaggedNegativeRingMax = 32
    /// Older entries that a full ring keeps besides, which nobody reads: so many retractions in a
    /// row are exact. Only users whose ring is full pay for them.
    public static let behaviourReserveMax = 128
    public static let viewReserveMax = 32
    public static let negativeReserveMax = 32
    public static let chatReserveMax = 32
    public static let flaggedReserveMax = 32
    /// All signals that may be held about one user.
    public static let userSignalsMax =
        behaviourRingMax + behaviourReserveMax + viewRingMax + viewReserveMax + negativeRingMax
        + negativeReserveMax + flaggedBehaviourRingMax + flaggedViewRingMax
        + flaggedNegativeRingMax + 3 * flaggedReserveMax
        + productsMax * (chatRingMax + chatReserveMax)
    /// Items whose impressions are counted for one user, and besides them those on a sensitive
    /// matter.
    public static let impressionsMax = 64
    public static let flaggedImpressionsMax = 16
    /// Showings of one item that its counter keeps one by one; of earlier ones it keeps the number.
    public static let showingsKeptMax = 3
    /// Topics that one user may have suppressed.
    public static let suppressedTopicsMax = 64
    /// Regions that a user's history keeps.
    public static let regionHistoryMax = 8
    /// Topics that one chat may become.
    public static let chatTopicsMax = 3

    // MARK: Policy

    /// A policy file, in bytes.
    public static let policyBytesMax = 65_536
    /// Entries of a shard's table of users that a dry run of a policy looks at under one lock.
    public static let dryRunEntriesMax = 256

    // MARK: One request

    /// Signals of one class that a request may weigh; 512 is what the exact 32-bit fold bears.
    public static let signalsPerClassMax = 512
    /// `CONTEXT` clauses of one request.
    public static let contextsMax = 8
    /// Candidates that one request may name.
    public static let candidatesMax = 100_000
    /// Results that one request may ask for, and what it gets when it does not say.
    public static let topMax = 10_000
    public static let topDefault = 1_000

    /// What a request may give the server for its reply: a minute.
    public static let budgetMicrosecondsMax = 60_000_000

    /// A weight or bias of a surface, in magnitude.
    public static let weightMagnitudeMax = 1_000_000.0

    // MARK: Bid requests

    /// The body of a bid request, in bytes, also as it is inflated; arrays and objects within each
    /// other.
    public static let bidRequestBytesMax = 256 << 10
    public static let bidRequestDepthMax = 64
    /// Impressions of one request.
    public static let bidImpressionsMax = 64
    /// Elements of any list that is read: of blocked domains, say.
    public static let bidListMax = 8_192
    /// Identifiers, domains, names of seats and whatever else is no text, in bytes.
    public static let bidIdentifierBytesMax = 512
    /// A floor that nothing reaches, in units of a currency per thousand: the highest bid, for sure.
    public static let bidFloorMax = 1_000_000_000.0
    /// What of a request's time may be left to the network, in milliseconds.
    public static let bidMarginMillisecondsMax = 10_000
    /// Ads that are ranked for a request at first; more only when too many of them are not wanted.
    public static let bidCandidatesMin = 32
    /// Texts around ads whose reading is kept: the same pages are asked about again and again.
    public static let readingsKeptMax = 65_536
    /// Parts of what is kept, each with a lock of its own.
    public static let readingShards = 16

    // MARK: Time

    /// Clocks and event times lie between 1970 and the end of 9999, in milliseconds.
    public static let timeMillisecondsMax: Int64 = 253_402_300_799_999
    /// How far ahead of the server's clock a signal's time may lie, in milliseconds: clocks drift.
    public static let futureMillisecondsMax: Int64 = 24 * 3_600 * 1_000

    // MARK: The wire

    /// One bulk string, in bytes; `PACKED` of the most candidates fits.
    public static let bulkBytesMax = 1 << 20
    /// One line of the inline protocol, or one length line, in bytes.
    public static let inlineBytesMax = 65_536
    public static let lengthLineBytesMax = 32
    /// Arguments of one command; `ITEMS` with the most candidates fits.
    public static let argumentsMax = candidatesMax + 64
    /// Arguments whose storage a connection keeps from one command to the next.
    public static let argumentsKeptMax = 4_096
    /// Bytes of unquoted inline arguments that it keeps so.
    public static let inlineBytesKeptMax = 4_096
    /// Arguments and bytes of a bulk string that a client may send before it has authenticated.
    public static let strangerArgumentsMax = 10
    public static let strangerBulkBytesMax = 16_384
    /// One whole command, in bytes.
    public static let commandBytesMax = 16 << 20
    /// Replies that wait for a client to read them, in bytes; past it the client is disconnected.
    public static let outputBytesMax = 64 << 20
    /// Replies are handed to the socket when this many bytes have gathered.
    public static let flushBytes = 256 << 10
    /// What `EXPORT` says of one signal or impression, and of the rest of a user, in bytes: names of
    /// 128 bytes whose every byte is escaped, a vector of 256 values.
    public static let exportEntryBytesMax = 3_072
    public static let exportSettingsBytesMax = 65_536
    /// The whole of an `EXPORT`, in bytes.
    public static let exportBytesMax =
        exportSettingsBytesMax + exportEntryBytesMax
        * (userSignalsMax + impressionsMax + flaggedImpressionsMax)
    /// Changes of one connection that may wait for their sync at once.
    public static let unansweredChangesMax = 1_024
    /// Those of them that wait for another change which they depend on.
    public static let changesInLineMax = 16
    /// Room for replies that a connection keeps from one flush to the next.
    public static let outputBytesKeptMax = 512 << 10
    /// Rows that an event loop scans itself; a longer scan goes to a worker.
    public static let inlineScanRowsMax = 20_000
    public static let eventLoopsMax = 256
    /// How long a connection that ends waits for a client that reads none of its last replies, in
    /// seconds.
    public static let closingSeconds = 10
    /// How long a server that stops waits for its connections, in seconds.
    public static let drainSeconds: Int64 = 10
    /// Connections that one server serves at once.
    public static let connectionsMax = 10_000

    // MARK: Metrics and logs

    /// Series that are counted through swift-metrics; further ones are not seen.
    public static let metricSeriesMax = 10_000
    /// One command in so many has its stages timed on an event loop: a prime, so that commands that
    /// take turns are all met.
    public static let tracedCommandsEvery = 17
    /// How often an event loop is asked how late it comes, in milliseconds.
    public static let loopLagMilliseconds: Int64 = 100
    /// A command is slow from so many microseconds on, unless the configuration says otherwise.
    public static let slowRequestMicrosecondsDefault = 10_000
    /// Slow commands that are remembered, and those that `SLOWLOG GET` shows unless it is told.
    public static let slowLogEntriesMax = 128
    public static let slowLogShownDefault = 10
    /// Slow commands that are explained and kept in one second, and those that are logged too; further
    /// ones are only counted. A log that is not read fast enough holds the writer up.
    public static let slowLogPerSecondMax = 100
    public static let slowLogLinesPerSecondMax = 10

    // MARK: HTTP

    /// How deep objects and arrays of a JSON text may nest; what is known nests less deeply.
    public static let jsonDepthMax = 8
    /// The body of one request, in bytes; `items` with the most candidates fits.
    public static let httpBodyBytesMax = 16 << 20
    /// One line of a bulk of items, in bytes: the longest text, every byte escaped, with vectors.
    public static let httpLineBytesMax = 256 << 10
    /// Lines of one bulk of items.
    public static let httpLinesMax = 10_000_000
    /// Outcomes of a bulk are sent when this many bytes have gathered.
    public static let httpOutcomesBytes = 16 << 10
    /// One header field, or the request line, and all of them together, in bytes.
    public static let httpHeaderFieldBytesMax = 8_192
    public static let httpHeadersBytesMax = 32_768
    /// Header fields of one request.
    public static let httpHeadersMax = 100
    /// Answers of at least so many bytes are packed for clients that can unpack them.
    public static let httpPackedBytesMin = 1_024
    /// How long a client may take to send a whole body, in seconds; a bulk of items may take longer
    /// as long as it goes on.
    public static let httpBodySeconds: Int64 = 30
    /// How long a connection may stay silent while the server waits for it, in seconds.
    public static let httpIdleSeconds: Int64 = 60

    // MARK: The journal

    /// One record, in bytes: the largest command fits with its framing.
    public static let journalRecordBytesMax = 32 << 20
    /// Records that wait for the disk, with those written and not yet synced, in bytes; past it an
    /// append is refused until there is room.
    public static let journalQueueBytesMax = 64 << 20
    /// Where nobody waits for the disk, how long a record may wait for others to be written with it,
    /// in milliseconds, unless so many bytes wait.
    public static let journalGatherMilliseconds = 5
    public static let journalGatherBytes = 256 << 10
    /// Under `always`, how long a group may wait for those that were answered just now, in
    /// nanoseconds; and how many groups do not, after some that waited in vain.
    public static let journalGroupWaitNanosecondsMax = 2_000_000
    public static let journalGroupSkipsMax = 63
    /// Records are gathered into one row until they reach this many bytes.
    public static let journalBatchBytesMax = 1 << 20
    /// Under `everysec`, so many bytes are synced before their second is over.
    public static let journalUnsyncedBytesMax = 16 << 20
    /// Under `everysec`, how long what was written may wait for its sync, in milliseconds.
    public static let journalSyncMilliseconds = 1_000
    /// How long the journal waits before it tries a disk again that failed, in milliseconds.
    public static let journalRetryMilliseconds = 250
    /// A segment that has grown to this many bytes is sealed and followed by the next.
    public static let journalSegmentBytesMax = 64 << 20
    /// One page of a segment, in bytes.
    public static let journalPageBytes = 4_096
    /// A server writes a snapshot after so many seconds, or bytes of records, unless told otherwise.
    public static let snapshotSecondsDefault = 3_600
    public static let snapshotSegmentBytesDefault = 128 << 20
    /// ... or of records as large as such a share of the snapshot before it, if that is more.
    public static let snapshotRecordsShare = 8
    /// How long it waits after one that failed before it tries by itself again, in seconds.
    public static let snapshotRetrySeconds = 60
    /// One chunk of a snapshot, in bytes.
    public static let snapshotChunkBytesMax = 1 << 20

    // MARK: The load generator

    /// Connections of one run, and requests that one of them may have in flight.
    public static let loadConnectionsMax = 10_000
    public static let loadPipelineMax = 4_096
    /// Requests a second.
    public static let loadRateMax = 10_000_000.0
    /// The seconds of a run: each has a histogram of its own.
    public static let loadSecondsMax = 14_400
    public static let loadItemsMax = itemsMax
    public static let loadUsersMax = 1 << 28
    /// A template of a command, in bytes.
    public static let loadTemplateBytesMax = 65_536
    /// Runs of one sweep.
    public static let loadStepsMax = 64

    // MARK: The state

    /// What stands before the items and users of a copied state, in bytes: the setup.
    public static let statePreambleBytesMax = 1 << 20
    /// Items or users whose digest is taken under one lock.
    public static let digestStepMax = 64
    /// Bytes of a copied state that are handed on at a time.
    public static let stateReadBytes = 1 << 20

    /// Asserts how the limits relate.
    public static func check() {
        precondition(candidatesMax * 8 <= bulkBytesMax, "PACKED must hold the most candidates")
        precondition(strangerArgumentsMax <= argumentsMax && strangerBulkBytesMax <= bulkBytesMax)
        precondition(commandBytesMax <= Int(UInt32.max), "a byte range must fit 32 bits")
        precondition(argumentsMax > candidatesMax, "ITEMS must hold the most candidates")
        precondition(topMax <= candidatesMax && topDefault <= topMax)
        precondition(bidCandidatesMin + bidImpressionsMax <= topMax)
        precondition(bidFloorMax >= Double(bidMicrosMax) / 1_000, "a floor must stop any bid")
        precondition(identifierBytesMax <= bidIdentifierBytesMax)
        precondition(textBytesMax < bidRequestBytesMax, "a request must hold any text")
        precondition(
            max(behaviourRingMax, viewRingMax, negativeRingMax, chatRingMax) <= signalsPerClassMax,
            "a whole ring must fit one request")
        precondition(signalsPerClassMax * 32_767 * 127 <= 0x7EFF_0200, "the fold must fit int32")
        precondition(tasteDimensionMin <= tasteDimensionDefault)
        precondition(tasteDimensionDefault <= tasteDimensionMax)
        precondition(textDimension % rowPaddingBytes == 0)
        precondition(slowLogShownDefault <= slowLogEntriesMax)
        precondition(policyBytesMax <= bulkBytesMax, "POLICY.SET must hold the longest policy")
        precondition(bulkBytesMax < commandBytesMax && commandBytesMax < outputBytesMax)
        precondition(candidatesMax * (identifierBytesMax + 3) <= httpBodyBytesMax)
        precondition(6 * textBytesMax < httpLineBytesMax && httpLineBytesMax < httpBodyBytesMax)
        precondition(bidRequestBytesMax <= httpBodyBytesMax)
        precondition(readingsKeptMax % readingShards == 0)
        precondition(httpHeaderFieldBytesMax <= httpHeadersBytesMax)
        precondition(exportBytesMax < outputBytesMax, "an export must fit the output")
        precondition(flushBytes <= outputBytesKeptMax && outputBytesKeptMax < outputBytesMax)
        precondition(commandBytesMax < journalRecordBytesMax, "a record must hold any command")
        precondition(journalRecordBytesMax + journalUnsyncedBytesMax < journalQueueBytesMax)
        precondition(journalBatchBytesMax <= journalUnsyncedBytesMax)
        precondition(journalGatherBytes <= journalBatchBytesMax)
        precondition(journalGatherMilliseconds < journalSyncMilliseconds)
        precondition(snapshotChunkBytesMax <= Int(UInt32.max), "a chunk's length is 32 bits")
    }
}
