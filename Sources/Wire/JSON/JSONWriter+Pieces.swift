import NIOCore

/// Long texts, written piece by piece: the whole is never a tree.
extension JSONWriter {
    /// Begins an object with its first fields, of which there is at least one.
    package mutating func beginObject(_ fields: [Reply.Field]) {
        precondition(!fields.isEmpty, "the lists that follow begin with a comma")
        for (index, field) in fields.enumerated() {
            buffer.writeStaticString(index == 0 ? "{" : ",")
            write(.bulk(field.key))
            buffer.writeStaticString(":")
            write(field.value)
        }
    }

    /// Writes a field of the object, a list whose elements are described one at a time.
    package mutating func list<Element>(
        _ key: String, of elements: some Sequence<Element>, _ describe: (Element) -> Reply
    ) {
        buffer.writeStaticString(",")
        write(.bulk(key))
        buffer.writeStaticString(":[")
        var isFirst = true
        for element in elements {
            if !isFirst { buffer.writeStaticString(",") }
            write(describe(element))
            isFirst = false
        }
        buffer.writeStaticString("]")
    }

    package mutating func endObject() { buffer.writeStaticString("}") }
}
