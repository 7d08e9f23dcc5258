import Domain

/// A command for any server that speaks RESP, with places that each request fills in.
///
///     9: GET key:{user}
///
/// | placeholder | becomes |
/// |---|---|
/// | `{user}` | the number of a user, drawn by Zipf's law, from 0 |
/// | `{item}` | the number of an item, all alike |
/// | `{int:A-B}` | a whole number from A to B, all alike |
/// | `{bytes:N}` | N printable bytes at random |
/// | `{seq}` | 0, 1, 2 ... in the order of the requests of one event loop |
///
/// Words stand between spaces; double quotes hold spaces together; `{{` and `}}` are braces. A
/// number and a colon in front weigh the template among others.
package struct CommandTemplate: Equatable, Sendable {
    package enum Piece: Equatable, Sendable {
        case literal(String)
        case user, item, sequence
        case integer(ClosedRange<Int>)
        case bytes(Int)
    }

    /// As it was given.
    package let text: String
    package private(set) var weight = 1.0
    /// The command's words, each of pieces that stand one behind the other.
    package private(set) var words: [[Piece]] = []

    package init(_ text: String) throws(LoadError) {
        self.text = text
        guard text.utf8.count <= Limits.loadTemplateBytesMax else {
            throw .setting("--command", "longer than \(Limits.loadTemplateBytesMax) bytes")
        }
        var parser = TemplateParser(text)
        weight = try parser.weight()
        words = try parser.words()
        guard !words.isEmpty else { throw parser.failure("a command has at least one word") }
    }
}

/// Reads a template character by character, so that an error has a column.
private struct TemplateParser {
    let text: String
    let characters: [Character]
    var position = 0

    init(_ text: String) {
        self.text = text
        characters = Array(text)
    }

    func failure(_ reason: String, at column: Int? = nil) -> LoadError {
        .template(text, column: (column ?? position) + 1, reason: reason)
    }

    /// `9:` and the space behind it.
    mutating func weight() throws(LoadError) -> Double {
        guard let colon = characters.firstIndex(of: ":"), colon > 0,
            characters[..<colon].allSatisfy({ ("0"..."9").contains($0) || $0 == "." }),
            colon + 1 < characters.count, characters[colon + 1] == " "
        else { return 1 }
        guard let weight = Double(String(characters[..<colon])), weight > 0 else {
            throw failure("a weight is a number above 0")
        }
        position = colon + 2
        return weight
    }

    mutating func words() throws(LoadError) -> [[CommandTemplate.Piece]] {
        var words: [[CommandTemplate.Piece]] = []
        while true {
            while position < characters.count, characters[position] == " " { position += 1 }
            guard position < characters.count else { return words }
            words.append(try word())
        }
    }

    private mutating func word() throws(LoadError) -> [CommandTemplate.Piece] {
        var pieces: [CommandTemplate.Piece] = []
        var literal = ""
        var quote: Int?
        while position < characters.count {
            let character = characters[position]
            if character == " ", quote == nil { break }
            switch character {
            case "\"":
                quote = quote == nil ? position : nil
                position += 1
            case "{" where !isNext("{"):
                if !literal.isEmpty { pieces.append(.literal(literal)) }
                literal = ""
                pieces.append(try placeholder())
            case "}" where !isNext("}"): throw failure("a '}' without its '{'; '}}' is a brace")
            case "{", "}":
                literal.append(character)
                position += 2
            default:
                literal.append(character)
                position += 1
            }
        }
        if let quote { throw failure("this quote does not end", at: quote) }
        if !literal.isEmpty || pieces.isEmpty { pieces.append(.literal(literal)) }
        return pieces
    }

    private func isNext(_ character: Character) -> Bool {
        position + 1 < characters.count && characters[position + 1] == character
    }

    private mutating func placeholder() throws(LoadError) -> CommandTemplate.Piece {
        let start = position
        guard let end = characters[start...].firstIndex(of: "}") else {
            throw failure("this placeholder does not end")
        }
        position = end + 1
        let inner = String(characters[(start + 1)..<end])
        let parts = inner.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        switch (parts[0], parts.count) {
        case ("user", 1): return .user
        case ("item", 1): return .item
        case ("seq", 1): return .sequence
        case ("bytes", 2):
            guard let count = Int(parts[1]), (0...Limits.bulkBytesMax).contains(count) else {
                throw failure("expected {bytes:N} with N up to \(Limits.bulkBytesMax)", at: start)
            }
            return .bytes(count)
        case ("int", 2):
            let bounds = parts[1].split(separator: "-").map { Int($0) }
            guard bounds.count == 2, let low = bounds[0], let high = bounds[1], low <= high,
                high < Int.max
            else { throw failure("expected {int:A-B} with A up to B", at: start) }
            return .integer(low...high)
        default:
            throw failure(
                "'{\(inner)}' is none of {user}, {item}, {int:A-B}, {bytes:N} and {seq}",
                at: start)
        }
    }
}
