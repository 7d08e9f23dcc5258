import CCrypto

/// SHA-256, as a name for bytes: of the text model, of the policy table, and as
/// the checksum of what the journal keeps.
package enum SHA256Digest {
    package static let bytesCount = 32

    /// The digest of `bytes` in 64 lower-case hexadecimal digits.
    package static func of(_ bytes: RawSpan) -> String {
        var digest = [UInt8](repeating: 0, count: bytesCount)
        let done = unsafe bytes.withUnsafeBytes { source in
            unsafe EVP_Digest(
                source.baseAddress, source.count, &digest, nil, EVP_sha256(), nil)
        }
        precondition(done == 1, "libcrypto cannot compute SHA-256")
        return hexadecimal(digest)
    }

    /// The digest of bytes that come in pieces: `add` each, then `finish` once.
    @safe package struct Stream: ~Copyable {
        private let context: OpaquePointer

        package init() {
            guard let context = unsafe EVP_MD_CTX_new() else {
                preconditionFailure("no memory for a digest")
            }
            unsafe self.context = context
            let done = unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil)
            precondition(done == 1, "libcrypto cannot compute SHA-256")
        }

        deinit { unsafe EVP_MD_CTX_free(context) }

        package mutating func add(_ bytes: Span<UInt8>) {
            let done = unsafe bytes.withUnsafeBytes { source in
                unsafe EVP_DigestUpdate(context, source.baseAddress, source.count)
            }
            precondition(done == 1, "libcrypto cannot compute SHA-256")
        }

        /// The digest's 32 bytes; the stream is spent.
        package consuming func finish() -> [UInt8] {
            var digest = [UInt8](repeating: 0, count: bytesCount)
            let done = unsafe EVP_DigestFinal_ex(context, &digest, nil)
            precondition(done == 1, "libcrypto cannot compute SHA-256")
            return digest
        }
    }

    package static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let text = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }
}
