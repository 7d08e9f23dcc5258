/// What a command's time is spent on.
enum Stage: Int, CaseIterable {
    /// Its arguments are found in the bytes that have come.
    case read
    /// It is made of its arguments.
    case parse
    /// It waits for a worker.
    case wait
    /// A ranking's surface, user and contexts are found and weighed.
    case resolve
    /// Its candidates are looked up and scored, the best kept.
    case score
    /// Its reply is written into the connection's buffer.
    case slate
    /// What is written is handed to the socket.
    case write

    var word: String { "\(self)" }
}
