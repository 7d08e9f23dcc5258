import Digest
import Testing

@testable import Text

/// A bundle must be whole, undamaged and of this version.
@Suite struct BundleTests {
    static let bytes: [UInt8] = TextCore.withEmbeddedBundle { bytes in
        (0..<bytes.byteCount).map { ModelContainer.number(in: bytes, at: $0) }
    }

    func refusal(_ bytes: [UInt8]) -> TextModelError? {
        do throws(TextModelError) {
            _ = try TextBundle(bytes.span.bytes)
            return nil
        } catch {
            return error
        }
    }

    @Test("the embedded bundle is accepted, at most 8 MB and named by its digest")
    func accepted() throws {
        #expect(refusal(Self.bytes) == nil)
        #expect(Self.bytes.count <= 8 << 20)
        let model = try Model.shared.get()
        #expect(model.digest == SHA256Digest.of(Array(Self.bytes[64...]).span.bytes))
        #expect(model.digest.count == 64)
    }

    @Test("a flipped bit anywhere behind the header is found", arguments: [64, 200, 5_000, -1])
    func flipped(_ place: Int) {
        var bytes = Self.bytes
        bytes[place < 0 ? bytes.count + place : place] ^= 1
        guard case .digest = refusal(bytes) else {
            Issue.record("\(String(describing: refusal(bytes)))")
            return
        }
    }

    @Test("a flipped bit in the stored digest is found")
    func flippedDigest() {
        var bytes = Self.bytes
        bytes[30] ^= 0x80
        guard case .digest = refusal(bytes) else {
            Issue.record("\(String(describing: refusal(bytes)))")
            return
        }
    }

    @Test("a truncated or prolonged bundle is refused", arguments: [64, 1_000, 4_000_000])
    func truncated(_ count: Int) {
        #expect(
            refusal(Array(Self.bytes.prefix(count)))
                == .size(found: count, expected: UInt64(Self.bytes.count)))
        #expect(
            refusal(Self.bytes + [0])
                == .size(found: Self.bytes.count + 1, expected: UInt64(Self.bytes.count)))
    }

    @Test("too few bytes for a header are refused", arguments: [0, 8, 63])
    func noHeader(_ count: Int) {
        #expect(refusal(Array(Self.bytes.prefix(count))) == .tooShort(bytes: count))
    }

    @Test("another version and another magic are refused by name")
    func wrongKind() {
        var bytes = Self.bytes
        bytes[8] = 2
        #expect(refusal(bytes) == .version(found: 2, expected: 1))
        bytes[0] = UInt8(ascii: "X")
        #expect(refusal(bytes) == .notABundle(magic: "CAIRNTXT"))
    }

    @Test("a section that is missing or out of bounds is refused though the digest fits")
    func sections() {
        var renamed = Self.bytes
        renamed[64] = UInt8(ascii: "X")
        #expect(refusal(Self.resealed(renamed)) == .section("VOCAB"))
        var outside = Self.bytes
        outside[64 + 15] = 0x7F
        #expect(refusal(Self.resealed(outside)) == .section("VOCAB"))
    }

    /// With the digest that fits the changed bytes.
    static func resealed(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        let digits = Array(SHA256Digest.of(Array(bytes[64...]).span.bytes))
        for index in 0..<32 {
            bytes[24 + index] = UInt8(String(digits[2 * index...2 * index + 1]), radix: 16) ?? 0
        }
        return bytes
    }

    @Test(
        "SHA-256 of known texts",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ])
    func knownDigests(_ text: String, _ digest: String) {
        #expect(SHA256Digest.of(text.utf8Span.span.bytes) == digest)
    }
}
