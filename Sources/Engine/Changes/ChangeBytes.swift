import Domain

/// Why bytes are no change.
package enum ChangeBytesError: Error, Equatable, Sendable {
    /// They end within what they began.
    case truncated
    /// They go on after the end.
    case trailing(bytes: Int)
    case newerVersion(UInt8)
    case unknownKind(UInt8)
    /// A value lies outside its range.
    case invalid(String)

    package var message: String {
        switch self {
        case .truncated: "a change ends early"
        case .trailing(let bytes): "\(bytes) bytes follow the end of a change"
        case .newerVersion(let version):
            "a change is of version \(version), and this program reads up to \(Change.version)"
        case .unknownKind(let kind): "there is no change of kind \(kind)"
        case .invalid(let reason): "a change has a wrong value: \(reason)"
        }
    }
}

/// Writes the fields of a change one after the other.
///
/// Numbers are little-endian; a *count* is seven bits a byte, low ones first, the top bit says that
/// more follow. A text is its count of bytes and its bytes.
struct ChangeWriter {
    private(set) var bytes: [UInt8] = []

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    mutating func flag(_ value: Bool) { bytes.append(value ? 1 : 0) }

    mutating func fixed<Number: FixedWidthInteger>(_ value: Number) {
        for shift in stride(from: 0, to: Number.bitWidth, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> Number(shift)))
        }
    }

    mutating func count(_ value: Int) { count(UInt64(value)) }

    mutating func count(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func double(_ value: Double) { fixed(value.bitPattern) }

    mutating func text(_ value: String) {
        count(value.utf8.count)
        bytes.append(contentsOf: value.utf8)
    }

    mutating func time(_ value: Timestamp) { count(UInt64(value.milliseconds)) }

    mutating func levels(_ values: [Int8]) {
        count(values.count)
        for value in values { bytes.append(UInt8(bitPattern: value)) }
    }

    mutating func list<Element>(_ elements: [Element], _ write: (inout Self, Element) -> Void) {
        count(elements.count)
        for element in elements { write(&self, element) }
    }

    mutating func optional<Value>(_ value: Value?, _ write: (inout Self, Value) -> Void) {
        flag(value != nil)
        if let value { write(&self, value) }
    }
}

/// Reads what `ChangeWriter` writes, from bytes that may be anything.
struct ChangeReader {
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    var rest: Int { bytes.endIndex - position }

    mutating func byte() throws(ChangeBytesError) -> UInt8 {
        guard position < bytes.endIndex else { throw .truncated }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func flag() throws(ChangeBytesError) -> Bool {
        switch try byte() {
        case 0: return false
        case 1: return true
        case let other: throw .invalid("\(other) is neither yes nor no")
        }
    }

    mutating func fixed<Number: FixedWidthInteger>(
        _: Number.Type = Number.self
    ) throws(ChangeBytesError) -> Number {
        var value: Number = 0
        for shift in stride(from: 0, to: Number.bitWidth, by: 8) {
            value |= Number(truncatingIfNeeded: try byte()) << Number(shift)
        }
        return value
    }

    /// The shortest form of each number is the only one.
    mutating func number() throws(ChangeBytesError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 63, by: 7) {
            let next = try byte()
            value |= UInt64(next & 0x7F) << shift
            guard next < 0x80 else { continue }
            guard next > 0 || shift == 0 else {
                throw .invalid("a number is longer than it need be")
            }
            return value
        }
        throw .invalid("a number is too long")
    }

    mutating func count(upTo limit: Int) throws(ChangeBytesError) -> Int {
        let value = try number()
        guard value <= UInt64(limit) else { throw .invalid("\(value) is more than \(limit)") }
        return Int(value)
    }

    mutating func double() throws(ChangeBytesError) -> Double {
        Double(bitPattern: try fixed())
    }

    mutating func text(upTo limit: Int) throws(ChangeBytesError) -> String {
        let count = try count(upTo: limit)
        guard count <= rest else { throw .truncated }
        defer { position += count }
        guard
            let text = String(validating: bytes[position..<position + count], as: UTF8.self)
        else { throw .invalid("a text is no UTF-8") }
        return text
    }

    mutating func time() throws(ChangeBytesError) -> Timestamp {
        let value = try number()
        return try checked { () throws(DomainError) in
            try Timestamp(milliseconds: Int64(clamping: value))
        }
    }

    mutating func levels(upTo limit: Int) throws(ChangeBytesError) -> [Int8] {
        let count = try count(upTo: limit)
        guard count <= rest else { throw .truncated }
        defer { position += count }
        let levels = bytes[position..<position + count].map { Int8(bitPattern: $0) }
        guard !levels.contains(-128) else { throw .invalid("-128 is no value of a vector") }
        return levels
    }

    mutating func bytes(upTo limit: Int) throws(ChangeBytesError) -> ArraySlice<UInt8> {
        let count = try count(upTo: limit)
        guard count <= rest else { throw .truncated }
        defer { position += count }
        return bytes[position..<position + count]
    }

    mutating func list<Element>(
        upTo limit: Int, _ read: (inout Self) throws(ChangeBytesError) -> Element
    ) throws(ChangeBytesError) -> [Element] {
        var elements: [Element] = []
        for _ in 0..<(try count(upTo: limit)) { elements.append(try read(&self)) }
        return elements
    }

    mutating func optional<Value>(
        _ read: (inout Self) throws(ChangeBytesError) -> Value
    ) throws(ChangeBytesError) -> Value? {
        try flag() ? try read(&self) : nil
    }

    /// An identifier or a word.
    mutating func name<Name>(
        _ make: (String) throws(DomainError) -> Name
    ) throws(ChangeBytesError) -> Name {
        let text = try text(upTo: Limits.identifierBytesMax)
        return try checked { () throws(DomainError) in try make(text) }
    }

    mutating func code<Code: RawRepresentable>(
        _ what: String
    ) throws(ChangeBytesError) -> Code where Code.RawValue: FixedWidthInteger {
        let value: Code.RawValue = try fixed()
        guard let code = Code(rawValue: value) else { throw .invalid("\(value) is no \(what)") }
        return code
    }

    func checked<Value>(
        _ make: () throws(DomainError) -> Value
    ) throws(ChangeBytesError) -> Value {
        do throws(DomainError) {
            return try make()
        } catch {
            throw .invalid(error.message)
        }
    }

    func finish() throws(ChangeBytesError) {
        guard rest == 0 else { throw .trailing(bytes: rest) }
    }
}
