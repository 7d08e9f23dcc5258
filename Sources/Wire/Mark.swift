/// The bytes that RESP is punctuated with.
enum Mark {
    static let array = UInt8(ascii: "*")
    static let bulk = UInt8(ascii: "$")
    static let carriageReturn = UInt8(ascii: "\r")
    static let lineFeed = UInt8(ascii: "\n")
    /// CR LF.
    static let lineEndBytes = 2
}
