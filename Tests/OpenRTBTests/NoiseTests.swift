import Domain
import FastJSON
import Testing

@testable import OpenRTB

@Suite("What no one has asked for, and what is cut off")
struct NoiseTests {
    @Test("noise in ext and in unknown fields never changes what is read", arguments: Samples.all)
    func noise(sample: String) throws {
        let expected = try Samples.read(sample)
        var random = SeededRandom(seed: 7)
        for round in 0..<60 {
            let noisy = withNoise(sample, &random)
            let read = try Samples.read(noisy)
            #expect(read == expected, "round \(round): \(noisy)")
        }
    }

    /// Puts unknown fields at the front of some objects. `regs.ext` is one that is known.
    private func withNoise(_ sample: String, _ random: inout SeededRandom) -> String {
        var text = ""
        var isInRegulations = false
        for character in sample {
            text.append(character)
            if text.hasSuffix("\"regs\"") { isInRegulations = true }
            guard character == "{", !isInRegulations, !text.hasSuffix("\"{"), !isInString(text),
                Bool.random(using: &random)
            else { continue }
            text += "\"x\":\(random.value()),"
            if Bool.random(using: &random) { text += "\"ext\":\(random.value())," }
            text += "\"y\":1"
            // An object that is empty must not end in a comma: it is given one more field.
            text += ",\"z\":[]"
            text += ","
        }
        return text.replacing(/,\s*}/, with: "}")
    }

    /// Whether the text ends within a string.
    private func isInString(_ text: String) -> Bool {
        var isInside = false
        var isEscaped = false
        for character in text {
            if isEscaped {
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                isInside.toggle()
            }
        }
        return isInside
    }

    @Test("a request that ends anywhere too early is an error that says so", arguments: Samples.all)
    func truncations(sample: String) throws {
        let bytes = Array(sample.utf8)
        var parser = Samples.parser()
        for count in 0..<bytes.count {
            let cut = Array(bytes[..<count])
            do throws(BidRequestError) {
                _ = try BidRequest.read(cut.span, with: &parser)
                Issue.record("\(count) bytes are a request")
            } catch {
                guard case .malformed(let position, _) = error else {
                    Issue.record("\(count) bytes: \(error.message)")
                    continue
                }
                #expect(position <= count)
            }
        }
        _ = try BidRequest.read(bytes.span, with: &parser)
    }

    @Test("the depth and the length of a request have limits")
    func limits() throws {
        let start = "{\"id\":\"r\",\"imp\":[{\"id\":\"1\"}],\"ext\":"
        func nested(_ depth: Int) -> String {
            start + String(repeating: "[", count: depth) + "1"
                + String(repeating: "]", count: depth) + "}"
        }
        // The request itself is the first.
        _ = try Samples.read(nested(Limits.bidRequestDepthMax - 1))
        let position = start.utf8.count + Limits.bidRequestDepthMax - 1
        #expect(throws: BidRequestError.tooDeep(position: position)) {
            try Samples.read(nested(Limits.bidRequestDepthMax))
        }
        let least = "{\"id\":\"r\",\"imp\":[{\"id\":\"1\"}]}"
        let spaces = String(repeating: " ", count: Limits.bidRequestBytesMax - least.utf8.count)
        _ = try Samples.read(least + spaces)
        #expect(throws: BidRequestError.tooLong(Limits.bidRequestBytesMax + 1)) {
            try Samples.read(least + spaces + " ")
        }
    }

    @Test("a text that is not UTF-8 is refused at the byte")
    func notUTF8() throws {
        let wrong: [[UInt8]] = [
            [0x80], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
        ]
        for bytes in wrong {
            let text = Array("{\"a\":\"".utf8) + bytes + Array("\"}".utf8)
            #expect(
                throws: BidRequestError.malformed(position: 6, reason: "the text is not UTF-8")
            ) { try Samples.read(text) }
        }
    }
}

/// The fast reader beside the plain one, which is its specification.
@Suite("simdjson and the plain reader")
struct ReadersTests {
    @Test("say the same of samples and of what mutations make of them")
    func same() throws {
        let parser = try #require(fast_json_create(8_192, 8))
        defer { fast_json_destroy(parser) }
        var random = SeededRandom(seed: 11)
        var documents = 0
        for round in 0..<2_000 {
            var bytes = Array((Samples.all.randomElement(using: &random) ?? "").utf8)
            if round % 4 == 0 { bytes = Array(random.value().utf8) }
            for _ in 0..<Int.random(in: 0..<3, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                bytes[place] =
                    Array("{}[]\",:\\u0e-.tfn \u{1}".utf8).randomElement(using: &random) ?? 0
            }
            let fast = reading(of: bytes, parser, fast_json_parse)
            let plain = reading(of: bytes, parser, fast_json_parse_plainly)
            #expect(fast == plain, "\(String(decoding: bytes, as: UTF8.self))")
            if fast.status == FAST_JSON_OK.rawValue { documents += 1 }
        }
        #expect(documents > 500)
    }

    private struct Reading: Equatable {
        let status: UInt32
        var values: [String] = []
    }

    private func reading(
        of bytes: [UInt8], _ parser: OpaquePointer,
        _ parse: (
            OpaquePointer?, UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<fast_json_fault>?
        )
            -> fast_json_status
    ) -> Reading {
        var fault = fast_json_fault()
        let status = parse(parser, bytes, bytes.count, &fault)
        var reading = Reading(status: status.rawValue)
        guard status == FAST_JSON_OK else {
            #expect(fault.position <= bytes.count)
            return reading
        }
        append(fast_json_root(parser), of: parser, to: &reading.values)
        return reading
    }

    private func append(_ value: UInt32, of parser: OpaquePointer, to values: inout [String]) {
        let kind = fast_json_kind_of(parser, value)
        switch kind {
        case FAST_JSON_OBJECT, FAST_JSON_ARRAY:
            values.append(kind == FAST_JSON_OBJECT ? "{" : "[")
            let end = fast_json_end(parser, value)
            var child = value + 1
            while child != end {
                append(child, of: parser, to: &values)
                child = fast_json_next(parser, child)
            }
            values.append("end")
        case FAST_JSON_STRING:
            let text = fast_json_string(parser, value)
            let bytes = UnsafeBufferPointer(start: text.bytes, count: text.count)
            values.append("\"" + String(decoding: bytes, as: UTF8.self))
        case FAST_JSON_INTEGER: values.append("\(fast_json_integer(parser, value))")
        case FAST_JSON_UNSIGNED, FAST_JSON_DOUBLE:
            values.append("\(fast_json_number(parser, value).bitPattern)")
        default: values.append("kind \(kind.rawValue)")
        }
    }
}
