import CCrypto

/// SHA-256, as a name for bytes: of the text model, of the policy table, of a snapshot.
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

    package static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let text = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }
}
