import Engine

/// A reply of RESP2 taken apart: what the proof reads rankings and explanations from.
enum RESPValue: Equatable {
    case text(String)
    case number(Int64)
    case null
    case list([RESPValue])
    case failure(String)

    /// `nil` when the bytes are no whole reply.
    init?(_ bytes: [UInt8]) {
        var position = 0
        guard let value = Self.read(bytes, &position), position == bytes.count else { return nil }
        self = value
    }

    private static func read(_ bytes: [UInt8], _ position: inout Int) -> RESPValue? {
        guard let end = bytes[position...].firstIndex(of: 0x0D), end + 1 < bytes.count,
            position < end
        else { return nil }
        let kind = bytes[position]
        let line = String(decoding: bytes[(position + 1)..<end], as: UTF8.self)
        position = end + 2
        switch kind {
        case UInt8(ascii: "+"): return .text(line)
        case UInt8(ascii: "-"): return .failure(line)
        case UInt8(ascii: ":"): return Int64(line).map(RESPValue.number)
        case UInt8(ascii: "$"):
            guard let count = Int(line) else { return nil }
            if count < 0 { return .null }
            guard position + count + 2 <= bytes.count else { return nil }
            defer { position += count + 2 }
            return .text(String(decoding: bytes[position..<position + count], as: UTF8.self))
        case UInt8(ascii: "*"):
            guard let count = Int(line) else { return nil }
            if count < 0 { return .null }
            var elements: [RESPValue] = []
            for _ in 0..<count {
                guard position < bytes.count, let element = read(bytes, &position) else {
                    return nil
                }
                elements.append(element)
            }
            return .list(elements)
        default: return nil
        }
    }

    var list: [RESPValue] { if case .list(let elements) = self { elements } else { [] } }

    var text: String? { if case .text(let text) = self { text } else { nil } }

    var number: Int64? { if case .number(let number) = self { number } else { nil } }

    /// A double is its shortest decimal.
    var double: Double? { text.flatMap(Double.init) ?? number.map(Double.init) }

    /// The value behind a name of a map, which RESP2 writes as a list.
    subscript(name: String) -> RESPValue {
        let elements = list
        var index = 0
        while index + 1 < elements.count {
            if elements[index] == .text(name) { return elements[index + 1] }
            index += 2
        }
        return .null
    }
}

extension RESPValue {
    /// The reply to RANK: names and scores in turn.
    var ranking: [Observation.Ranked] {
        let elements = list
        return stride(from: 0, to: elements.count - 1, by: 2).compactMap { index in
            guard let id = elements[index].text, let score = elements[index + 1].double else {
                return nil
            }
            return Observation.Ranked(id: id, score: score)
        }
    }

    /// The reply to EXPLAIN, which does not say whether a filter keeps the item out; `nil` when it is
    /// an error.
    var report: Engine.ScoreReport? {
        guard let score = self["score"].double, let probability = self["p"].double,
            let logit = self["logit"].double, let bid = self["bid"].number
        else { return nil }
        let terms = self["terms"].list.map { term in
            Engine.TermReport(
                name: term["name"].text ?? "", value: term["value"].double ?? .nan,
                scale: term["scale"].double,
                signals: term["signals"].list.map { signal in
                    Engine.TermReport.SignalReport(
                        type: signal["type"].text ?? "", about: signal["about"].text ?? "",
                        ageSeconds: signal["age_s"].number,
                        weight: Int(signal["weight"].number ?? 0),
                        share: signal["share"].number ?? 0)
                })
        }
        return Engine.ScoreReport(
            filter: nil, score: score, probability: probability, logit: logit, bidMicros: bid,
            terms: terms)
    }
}
