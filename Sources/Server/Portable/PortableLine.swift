/// One line of an export: a JSON object with one of these members.
///
///     {"cairn": ...}      the first line: what the rest depends on
///     {"policy": ...}     the policy in use, as the text of its file
///     {"surface": ...}    all settings of one
///     {"item": ...}       one that is live, or that a profile still names
///     {"user": ...}       one with settings, signals, impressions
///
/// Times are ISO 8601 with milliseconds, rows are whole numbers of which 127 stands for 1, events
/// the 16 hexadecimal digits of a hash. A member that is missing is none.
struct PortableLine: Codable {
    var cairn: Head?
    var policy: Policy?
    var surface: PortableSurface?
    var item: PortableItem?
    var user: PortableUser?

    struct Head: Codable {
        static let version = 1

        var version: Int
        var tasteDimension: Int
        var textModel: String
        /// Of the server that it was exported from.
        var stateDigest: String
        /// Every kind that some surface ranks or has ranked.
        var kinds: [String]
    }

    struct Policy: Codable {
        var text: String
    }
}
