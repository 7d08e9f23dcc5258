import Digest
import Policy

extension PolicyTable {
    /// Names the table in `INFO` and `EXPLAIN`: `1:` and the first digits of its SHA-256.
    package var digest: String {
        let text = canonicalText
        let hash = unsafe SHA256Digest.of(text.utf8.span.bytes)
        return "\(Self.version):\(hash.prefix(16))"
    }
}
