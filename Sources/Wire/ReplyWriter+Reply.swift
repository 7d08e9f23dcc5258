extension ReplyWriter {
    /// Writes a tree.
    package mutating func reply(_ reply: Reply) {
        switch reply {
        case .null: null()
        case .boolean(let value): boolean(value)
        case .integer(let value): integer(value)
        case .double(let value): double(value)
        case .simple(let text): simple(text)
        case .error(let message): error(message)
        case .bulk(let text): bulk(text)
        case .bytes(let bytes): bulk(bytes.span)
        case .verbatim(let text): verbatim(text)
        case .array(let elements):
            array(count: elements.count)
            for element in elements { self.reply(element) }
        case .set(let elements):
            set(count: elements.count)
            for element in elements { self.reply(element) }
        case .map(let fields):
            map(count: fields.count)
            for field in fields {
                bulk(field.key)
                self.reply(field.value)
            }
        }
    }
}
